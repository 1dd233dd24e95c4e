import type { Run } from '../run';
import type { ProbeStack } from './probe-stack';

export interface Statement {
  readonly Action: string | string[];
  readonly Resource: string | string[];
}

/** Resources of a stack in which a role with just these permissions makes one call: a workflow that takes the role on. */
export function callAsRole(id: string, resource: string, statements: readonly Statement[], parameters: Record<string, string>): Record<string, unknown> {
  const PolicyDocument = { Version: '2012-10-17', Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })) };
  return {
    [`${id}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }] },
        Policies: [{ PolicyName: 'call', PolicyDocument }],
      },
    },
    [`${id}Call`]: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        RoleArn: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
        DefinitionString: JSON.stringify({ StartAt: 'Call', States: { Call: { Type: 'Task', Resource: resource, Parameters: parameters, End: true } } }),
      },
    },
  };
}

export interface Outcome {
  /** What the call gave, as JSON. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** Makes the call of `callAsRole`. */
export async function callOnce(run: Run, stack: ProbeStack, id: string, input: object): Promise<Outcome> {
  const { cloud, tempo } = run;
  const stateMachineArn = await stack.physicalId(`${id}Call`);
  const { executionArn } = await cloud.call('states', 'StartExecution', { stateMachineArn, input: JSON.stringify(input) });
  const { output, error, cause } = await tempo.until(`the call of ${id} to end`, async () => {
    const execution = await cloud.call('states', 'DescribeExecution', { executionArn });
    return execution.status !== 'RUNNING' && execution;
  }, { minutes: 10, everySeconds: 5 });
  return { output, error, cause };
}
