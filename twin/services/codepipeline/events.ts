import type { World } from '../../world';
import type { ActionRun, Artifact, PipelineExecution } from './state';

/** The three levels of events CodePipeline sends. States are in capitals here, other than in the API. */
export class PipelineEvents {
  constructor(private readonly world: World) {}

  pipeline(execution: PipelineExecution, state: string): void {
    this.publish('Pipeline', execution, state, {
      'execution-trigger': { 'trigger-type': execution.trigger.triggerType, 'trigger-detail': execution.trigger.triggerDetail },
    });
  }

  stage(execution: PipelineExecution, stage: string, state: string): void {
    this.publish('Stage', execution, state, { stage });
  }

  action(execution: PipelineExecution, run: ActionRun, state: string): void {
    this.publish('Action', execution, state, {
      stage: run.stageName, action: run.declaration.name, 'action-execution-id': run.id,
      type: run.declaration.actionTypeId, region: run.declaration.region ?? this.world.region,
      'input-artifacts': run.inputs.map(artifactDetail), 'output-artifacts': run.outputs.map(artifactDetail),
      ...(run.status === 'InProgress' ? {} : {
        'execution-result': {
          'external-execution-id': run.externalExecutionId, 'external-execution-summary': run.error?.message ?? run.summary, 'error-code': run.error?.code,
        },
      }),
    });
  }

  private publish(level: 'Pipeline' | 'Stage' | 'Action', execution: PipelineExecution, state: string, detail: Record<string, unknown>): void {
    this.world.publish({
      source: 'aws.codepipeline',
      'detail-type': `CodePipeline ${level} Execution State Change`,
      resources: [this.world.arn('codepipeline', execution.pipelineName)],
      detail: {
        pipeline: execution.pipelineName, 'execution-id': execution.id, 'start-time': execution.startTime.toISOString(),
        state, version: execution.declaration.version, ...detail,
      },
    });
  }
}

function artifactDetail({ name, bucket, key }: Artifact) {
  return { name, s3location: { bucket, key } };
}
