import { StepFunctionsService } from '../../../twin/services/step-functions';
import { LambdaService } from '../../../twin/services/lambda';
import { SmallWorld, START } from './lambda.world';

/* Two limits on one invocation: the function's, and that of the state which waits for it. */

const FUNCTION_SECONDS = 5;
let world: SmallWorld;
beforeEach(async () => { world = await new SmallWorld().open(); });
afterEach(() => world.close());

/** Runs a function that does not end by itself as a Task with this time-out. */
async function run(stateSeconds: number, source = 'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 60_000))') {
  const lambda = world.add(new LambdaService(world));
  world.add(new StepFunctionsService(world));
  const arn = await world.function('slow', source, { Timeout: FUNCTION_SECONDS });
  const task = { Type: 'Task', Resource: arn, TimeoutSeconds: stateSeconds, End: true };
  const machine = await world.create('AWS::StepFunctions::StateMachine', 'Machine', {
    DefinitionString: JSON.stringify({ StartAt: 'Only', States: { Only: task } }), RoleArn: world.role('machine'),
  });
  return { lambda, ended: async () => {
    const { executionArn } = await world.eventually(world.as('states', 'StartExecution', { stateMachineArn: machine.physicalId }));
    await world.clock.advance(3_600_000);
    return world.call(world.as('states', 'DescribeExecution', { executionArn }));
  } };
}

/* "TimeoutSeconds: If the state runs longer than the specified seconds, the execution fails with a States.Timeout error name" (Step
 * Functions, Task state); the state has begun before the function has, so of two equal limits the state's is over first. */
test.each([
  [FUNCTION_SECONDS - 1, 'States.Timeout'],
  [FUNCTION_SECONDS, 'States.Timeout'],
  [FUNCTION_SECONDS + 1, 'Sandbox.Timedout'],
])('a state that waits %d seconds for a function that may take 5 fails with %s', async (stateSeconds, error) => {
  const { ended } = await run(stateSeconds);
  expect(await ended()).toMatchObject({ status: 'FAILED', error });
});

test('a hanging invocation ends with the function\'s time-out, its handler never runs', async () => {
  const { lambda, ended } = await run(FUNCTION_SECONDS + 1, 'exports.handler = async () => "done"');
  let hung = 0;
  lambda.faults = { hang: ({ functionName }) => functionName === 'slow' && hung++ === 0 };
  const first = await ended();
  expect(first).toMatchObject({ status: 'FAILED', error: 'Sandbox.Timedout', cause: expect.stringContaining('Task timed out after 5.00 seconds') });
  expect(first.stopDate.getTime() - START.getTime()).toBe(FUNCTION_SECONDS * 1000);
  expect(await ended()).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
});
