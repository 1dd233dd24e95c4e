import type { Question } from './question';
import { NotAnswered } from './question';
import { ProbeStack } from './probe-stack';

/** Queues, of which CloudFormation takes about a minute to delete each. */
const QUEUES = 20;

export const resourcesOfAnUpdateThatCleansUp: Question = {
  name: 'resources-of-an-update-that-cleans-up',
  changes: 'nothing',
  async ask(run) {
    const { cloud, tempo } = run;
    const stack = new ProbeStack(run, 'cleaning');
    const queues = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`Queue${index}`, { Type: 'AWS::SQS::Queue' }]));
    await stack.create(queues(QUEUES));
    await stack.apply('UpdateStack', queues(1));
    const seen = new Map<string, number>();
    await tempo.until('the update to end', async () => {
      const { Stacks: [{ StackStatus }] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName: stack.name });
      if (StackStatus === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS') {
        const listed = await cloud.list('cloudformation', 'ListStackResources', 'StackResourceSummaries', { StackName: stack.name });
        for (let index = 1; index < QUEUES; index++) {
          const status: string = listed.find(({ LogicalResourceId }) => LogicalResourceId === `Queue${index}`)?.ResourceStatus ?? 'not listed';
          seen.set(status, (seen.get(status) ?? 0) + 1);
        }
      }
      return StackStatus.endsWith('_COMPLETE');
    }, { minutes: 30, everySeconds: 1 });
    await stack.delete();
    if (seen.size === 0) throw new NotAnswered('the clean-up was over between two looks');
    return {
      answer: `a resource that is being removed is ${[...seen.keys()].join(', or ')}`,
      evidence: [...seen].map(([status, count]) => `${count} × ${status}`).join(', '),
    };
  },
};
