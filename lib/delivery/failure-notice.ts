import { IPipeline } from 'aws-cdk-lib/aws-codepipeline';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { RUNBOOK } from '../private/described-alarm';

/** Tells a topic of every failed run of a pipeline: which action failed, and why. A run of ours fails by one of its actions. */
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
      message: events.RuleTargetInput.fromText(
        `[warning] ${detail('stage')}/${detail('action')} of pipeline ${detail('pipeline')} failed: ${detail('execution-result.external-execution-summary')} `
        + `(run ${detail('execution-id')}). Runbook: ${RUNBOOK}#${runbook}`,
      ),
    })],
  });
}
