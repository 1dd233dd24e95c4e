import { patiently } from '../patiently';
import { type ActionContext, ActionFailure, type ActionProvider } from './provider';

const FIRST_POLL = 10_000;
const SLOWEST_POLL = 60_000;

/** Runs a state machine; a standard one to its end. */
export const stepFunctionsInvoke: ActionProvider = {
  category: 'Invoke', owner: 'AWS', provider: 'StepFunctions', version: '1',
  required: ['StateMachineArn'], optional: ['ExecutionNamePrefix', 'InputType', 'Input'],
  inputs: [0, 1], outputs: [0, 1], timeoutMinutes: 7 * 24 * 60,

  check: ({ InputType: type = 'Literal', Input: input }) => [
    ...(['Literal', 'FilePath'].includes(type) ? [] : [`InputType is '${type}', allowed are Literal and FilePath`]),
    ...(type === 'FilePath' && input === undefined ? ['Input must name a file of the input artifact when InputType is FilePath'] : []),
  ],

  async run(context) {
    const { world, caller, configuration, run, outputs, artifacts } = context;
    const { StateMachineArn: stateMachineArn, ExecutionNamePrefix: prefix } = configuration;
    const { type } = await patiently(world, { service: 'states', operation: 'DescribeStateMachine', input: { stateMachineArn }, caller });
    const { executionArn } = await patiently(world, {
      service: 'states', operation: 'StartExecution', caller,
      input: { stateMachineArn, name: prefix === undefined ? run.id : `${prefix}-${run.id}`, input: await inputOf(context) },
    });
    run.externalExecutionId = executionArn;
    const outputVariables = { StateMachineArn: stateMachineArn!, ExecutionArn: executionArn as string };
    if (type === 'EXPRESS') return { outputVariables, externalExecutionId: executionArn };

    for (let wait = FIRST_POLL; ; wait = Math.min(wait * 1.5, SLOWEST_POLL)) {
      await context.pause(wait);
      const { status, output, error, cause } = await patiently(world, { service: 'states', operation: 'DescribeExecution', input: { executionArn }, caller });
      if (status === 'RUNNING') continue;
      if (status !== 'SUCCEEDED') {
        throw new ActionFailure('JobFailed', `The execution ${executionArn} ended as ${status}${error === undefined ? '' : `: ${error}`}${cause === undefined ? '' : `: ${cause}`}`, executionArn);
      }
      if (outputs[0] !== undefined) await artifacts.writeFiles(outputs[0], { 'output.json': Buffer.from(output) }, caller);
      return { outputVariables, externalExecutionId: executionArn };
    }
  },
};

async function inputOf({ configuration, inputs, artifacts, caller }: ActionContext): Promise<string> {
  if (configuration.InputType !== 'FilePath') return configuration.Input ?? '{}';
  if (inputs[0] === undefined) throw new ActionFailure('InvalidActionConfiguration', 'InputType FilePath needs an input artifact');
  return artifacts.readFile(inputs[0], configuration.Input!, caller);
}
