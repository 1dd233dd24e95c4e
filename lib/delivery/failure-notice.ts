import { IPipeline } from 'aws-cdk-lib/aws-codepipeline';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { RUNBOOK } from '../private/described-alarm';

/**
 * Notifies a topic of every failed run of a pipeline: which action failed, and why. Our runs fail by one of their actions.
 *
 * EventBridge does not escape what it inserts into a template. So the sentence holds only names, whose characters CodePipeline limits, and the
 * reason, which may hold quotes and line breaks, is inserted as the object it stands in.
 */
export function noticeFailures(scope: Construct, pipeline: IPipeline, topic: ITopic, runbook: string, deadLetterQueue: IQueue | undefined): events.Rule {
  const detail = (name: string) => events.EventField.fromPath(`$.detail.${name}`);
  return new events.Rule(scope, 'Failed', {
    description: 'an action of the pipeline failed',
    eventPattern: {
      source: ['aws.codepipeline'],
      detailType: ['CodePipeline Action Execution State Change'],
      detail: { pipeline: [pipeline.pipelineName], state: ['FAILED'] },
    },
    targets: [new targets.SnsTopic(topic, {
      deadLetterQueue,
      message: events.RuleTargetInput.fromObject({
        warning: `${detail('stage')}/${detail('action')} of pipeline ${detail('pipeline')} failed in run ${detail('execution-id')}. Runbook: ${RUNBOOK}#${runbook}`,
        reason: detail('execution-result'),
      }),
    })],
  });
}
