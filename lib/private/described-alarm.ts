import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export const RUNBOOK = 'https://github.com/cdk-mlops/cdk-mlops/blob/main/docs/runbook.md';

export interface DescribedAlarmProps {
  /** `critical`: users are affected. `warning`: they will be. */
  readonly severity: 'critical' | 'warning';
  /** Anchor in the runbook. */
  readonly runbook: string;
  /** What it means that it rings, in a sentence. */
  readonly meaning: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  /** @default - greater than or equal to the threshold */
  readonly comparison?: cloudwatch.ComparisonOperator;
  readonly evaluationPeriods: number;
  /** @default - all evaluation periods */
  readonly datapointsToAlarm?: number;
  readonly treatMissingData: cloudwatch.TreatMissingData;
  /** @default - nobody is told */
  readonly topic?: ITopic;
}

/** An alarm whose description says how bad it is, what it means and what to do; it tells of its end, too. */
export function describedAlarm(scope: Construct, id: string, props: DescribedAlarmProps): cloudwatch.Alarm {
  const alarm = new cloudwatch.Alarm(scope, id, {
    alarmDescription: `[${props.severity}] ${props.meaning}. Runbook: ${RUNBOOK}#${props.runbook}`,
    metric: props.metric,
    threshold: props.threshold,
    comparisonOperator: props.comparison ?? cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: props.evaluationPeriods,
    datapointsToAlarm: props.datapointsToAlarm,
    treatMissingData: props.treatMissingData,
  });
  if (props.topic) {
    const action = new SnsAction(props.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
  return alarm;
}
