import { deployedOf } from '../run';
import { callerOf, trail } from './cloudtrail';
import type { Question } from './question';

/* eslint-disable @typescript-eslint/no-explicit-any -- events are JSON of any service */

const holds = (text: string) => (event: any) => JSON.stringify(event).includes(text);

export const volumeKeyPrincipal: Question = {
  name: 'volume-key-principal',
  changes: 'nothing',
  async ask(run) {
    const grants = await trail(run, 'CreateGrant', holds(run.names.stack));
    const described = grants.length === 0 ? [] : await trail(run, 'DescribeKey', holds(run.names.stack));
    const callers = (events: any[]) => [...new Set(events.map(callerOf))].join(', ') || 'nobody';
    return { answer: `CreateGrant is asked of ${callers(grants)}`, evidence: `${grants.length} grants; DescribeKey by ${callers(described)}` };
  },
};

export const endpointLogGroup: Question = {
  name: 'endpoint-log-group',
  changes: 'nothing',
  async ask(run) {
    const { endpoint } = deployedOf(run);
    const asked = await trail(run, 'CreateLogGroup', holds(`/aws/sagemaker/Endpoints/${endpoint}`));
    const byRole = asked.filter(({ userIdentity }) => userIdentity?.invokedBy !== 'cloudformation.amazonaws.com');
    const streams = await run.cloud.list('logs', 'DescribeLogStreams', 'logStreams', { logGroupName: `/aws/sagemaker/Endpoints/${endpoint}` });
    return {
      answer: byRole.length > 0 ? 'SageMaker asks for the group although it exists' : 'SageMaker does not ask for a group that exists',
      evidence: `${asked.map((event) => `${callerOf(event)}: ${event.errorCode ?? 'done'}`).join('; ') || 'no CreateLogGroup'}; ${streams.length} streams of logs`,
    };
  },
};
