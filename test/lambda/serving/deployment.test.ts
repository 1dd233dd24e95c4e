import { deploymentConfig, rollbackAlarms } from '../../../lambda/serving/deployment/guardrails';
import { isReleaseName, wantedRelease, type ReleaseSurroundings } from '../../../lambda/serving/deployment/wanted';
import type { StageDescriptor } from '../../../lib/serving/release-descriptor.contract';

const stage: StageDescriptor = {
  name: 'live', endpointName: 'flights',
  hosting: { kind: 'real-time', instanceType: 'ml.m5.large', instanceCount: 2, autoscaling: null },
  rollout: { kind: 'canary', canaryPercentage: 50, bakeSeconds: 300, terminationWaitSeconds: 60 },
  rollbackAlarms: { periodSeconds: 60, evaluationPeriods: 2, maximumErrorShare: 0.05, maximumLatencyMicroseconds: 500_000 },
  capture: { samplingPercentage: 100 },
};
const around: ReleaseSurroundings = {
  executionRoleArn: 'arn:aws:iam::123456789012:role/model', captureBucket: 'captured', captureKeyArn: undefined, volumeKeyArn: undefined, subnets: [], securityGroups: [],
  networkIsolation: false, stackId: 'stack',
};
const arn = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/flights/1';

describe('wantedRelease', () => {
  test('equal releases have equal names, and a change of the model or of the hosting gives a new config', () => {
    const names = (changed: StageDescriptor, packageArn: string) => wantedRelease(changed, packageArn, around).config.EndpointConfigName;
    expect(names(stage, arn)).toBe(names({ ...stage }, arn));
    expect(names(stage, `${arn}0`)).not.toBe(names(stage, arn));
    expect(names({ ...stage, hosting: { ...stage.hosting, instanceType: 'ml.c5.large' } }, arn)).not.toBe(names(stage, arn));
  });

  test('a changed hosting serves the same model', () => {
    const model = (changed: StageDescriptor) => wantedRelease(changed, arn, around).model.ModelName;
    expect(model({ ...stage, hosting: { ...stage.hosting, instanceCount: 3 } })).toBe(model(stage));
  });

  test('captured traffic goes to a prefix without a trailing slash, with CSV and JSON as text', () => {
    const capture = wantedRelease(stage, arn, around).config.DataCaptureConfig!;
    expect(capture.DestinationS3Uri).toBe('s3://captured/capture');
    expect(capture.CaptureContentTypeHeader).toEqual({ CsvContentTypes: ['text/csv'], JsonContentTypes: ['application/json'] });
  });
});

describe('isReleaseName', () => {
  test('knows the names that a release gives, of this endpoint only', () => {
    const { model, config } = wantedRelease(stage, arn, around);
    expect(isReleaseName('flights', model.ModelName)).toBe(true);
    expect(isReleaseName('flights', config.EndpointConfigName)).toBe(true);
    expect(isReleaseName('flight', config.EndpointConfigName)).toBe(false);
    expect(isReleaseName('flights', 'flights-by-hand')).toBe(false);
    expect(isReleaseName('flights', 'flights-staging-0123456789')).toBe(false);
  });
});

describe('rollbackAlarms', () => {
  test('watch the new fleet alone, and silence is no failure', () => {
    const alarms = rollbackAlarms(stage, 'flights-0123456789', 'topic');
    expect(alarms.map(({ AlarmName }) => AlarmName)).toEqual(['flights-0123456789-errors', 'flights-0123456789-latency']);
    for (const alarm of alarms) {
      expect(alarm.TreatMissingData).toBe('notBreaching');
      for (const { MetricStat } of alarm.Metrics!.filter((query) => query.MetricStat)) {
        expect(MetricStat!.Metric!.Dimensions).toContainEqual({ Name: 'EndpointConfigName', Value: 'flights-0123456789' });
      }
    }
  });

  test('an alarm that is not wanted is not made, and without any there is no automatic rollback', () => {
    const none = { ...stage, rollbackAlarms: { ...stage.rollbackAlarms, maximumErrorShare: null, maximumLatencyMicroseconds: null } };
    expect(rollbackAlarms(none, 'flights-0123456789', undefined)).toEqual([]);
    expect(deploymentConfig(none, []).AutoRollbackConfiguration).toBeUndefined();
  });
});

describe('deploymentConfig', () => {
  test('the time allowed exceeds all the waits, within the service\'s bounds', () => {
    const { MaximumExecutionTimeoutInSeconds: allowed, TerminationWaitInSeconds: wait } = deploymentConfig(stage, ['a']).BlueGreenUpdatePolicy!;
    expect(allowed).toBeGreaterThan(2 * 300 + wait!);
    expect(deploymentConfig({ ...stage, rollout: { ...stage.rollout, bakeSeconds: 3600, terminationWaitSeconds: 3600 } }, [])
      .BlueGreenUpdatePolicy!.MaximumExecutionTimeoutInSeconds).toBeLessThanOrEqual(28_800);
  });

  test('one instance takes all traffic at once and bakes', () => {
    const routing = deploymentConfig({ ...stage, rollout: { ...stage.rollout, kind: 'all-at-once' } }, ['a']).BlueGreenUpdatePolicy!.TrafficRoutingConfiguration!;
    expect(routing).toEqual({ Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 300 });
  });
});
