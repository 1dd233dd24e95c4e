import type { StackOutputs } from '../../twin';
import type { Names } from './account';

/** The stack's own outputs say what it made. */
export function namesOf(outputs: StackOutputs): Names {
  const [stack] = Object.values(outputs);
  const output = (suffix: string): string => {
    const found = Object.entries(stack ?? {}).find(([key]) => key.endsWith(suffix));
    if (found === undefined) throw new Error(`the stack has no output '${suffix}', only ${Object.keys(stack ?? {}).join(', ')}`);
    return found[1];
  };
  return {
    dataBucket: output('DataBucketName'), artifactsBucket: output('ArtifactsBucketName'), endpoint: output('EndpointName'),
    packageGroup: output('ModelPackageGroupName'), trainingPipeline: output('TrainingPipelineName'), releasePipeline: output('ReleasePipelineName'),
    driftAlarm: output('DriftAlarmName'), monitor: output('MonitorName'), loop: output('LoopName'),
  };
}
