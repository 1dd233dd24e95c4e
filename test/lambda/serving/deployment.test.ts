import { fleetPlan } from '../../../lambda/serving/deployment/fleet';
import { deploymentConfig, rollbackAlarms } from '../../../lambda/serving/deployment/guardrails';
import { isReleaseName, wantedRelease, type ReleaseSurroundings } from '../../../lambda/serving/deployment/wanted';
import type { StageDescriptor } from '../../../lib/serving/release-descriptor.contract';

const stage: StageDescriptor = {
  name: 'live', endpointName: 'flights',
  hosting: { kind: 'real-time', instanceType: 'ml.m5.large', instanceCount: 2, autoscaling: null },
  rollout: { kind: 'canary', canaryPercentage: 50, bakeSeconds: 300, terminationWaitSeconds: 60 },
  rollbackAlarms: { automatic: true, periodSeconds: 60, evaluationPeriods: 2, maximumErrorShare: 0.05, maximumLatencyMicroseconds: 500_000 },
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

  test('without automatic rollback they are made all the same, for the probe, and SageMaker does not act on them', () => {
    const none = { ...stage, rollbackAlarms: { ...stage.rollbackAlarms, automatic: false } };
    expect(rollbackAlarms(none, 'flights-0123456789', undefined).map(({ AlarmName }) => AlarmName)).toEqual(['flights-0123456789-errors', 'flights-0123456789-latency']);
    expect(deploymentConfig(none, 'flights-0123456789', undefined).AutoRollbackConfiguration).toBeUndefined();
  });
});

describe('deploymentConfig', () => {
  const policy = (canary: number | undefined, rollout: Partial<StageDescriptor['rollout']> = {}) =>
    deploymentConfig({ ...stage, rollout: { ...stage.rollout, ...rollout } }, 'flights-0123456789', canary).BlueGreenUpdatePolicy!;

  test.each([undefined, 1])('the old fleet stays for the bake at full traffic, and as long after it as is wanted (canary: %s)', (canary) => {
    expect(policy(canary).TerminationWaitInSeconds).toBe(360);
    expect(policy(canary, { terminationWaitSeconds: 0 }).TerminationWaitInSeconds).toBe(300);
  });

  // API reference of BlueGreenUpdatePolicy: "larger than the total waiting time specified in TerminationWaitInSeconds and WaitIntervalInSeconds"; 600 to 28,800.
  test.each([[300, 60], [3600, 0], [0, 3600], [1800, 1800]])('the time allowed is longer than all waits, a second bake of a canary included (%d s and %d s)', (bakeSeconds, terminationWaitSeconds) => {
    for (const canary of [undefined, 1]) {
      const { TrafficRoutingConfiguration: routing, TerminationWaitInSeconds: wait, MaximumExecutionTimeoutInSeconds: allowed } = policy(canary, { bakeSeconds, terminationWaitSeconds });
      expect(allowed).toBeGreaterThan(2 * routing!.WaitIntervalInSeconds! + wait!);
      expect(allowed).toBeGreaterThanOrEqual(600);
      expect(allowed).toBeLessThanOrEqual(28_800);
      expect(wait).toBeLessThanOrEqual(3600);
    }
  });

  test('without a canary all traffic moves at once, in a single step', () => {
    expect(policy(undefined).TrafficRoutingConfiguration).toEqual({ Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0 });
  });
});

describe('fleetPlan', () => {
  const autoscaling = { minimumInstances: 2, maximumInstances: 30, invocationsPerInstance: 100 };

  // The limit is the API reference's: "less than or equal to 50% of the variant's total instance count".
  test('whatever runs and follows, a canary has at least one instance and at most half of either fleet', () => {
    for (let running = 1; running <= 40; running++) {
      for (let configured = 1; configured <= 40; configured++) {
        for (const canaryPercentage of [1, 10, 29, 33, 34, 49, 50]) {
          for (const scaling of [null, autoscaling]) {
            const planned = { ...stage, hosting: { ...stage.hosting, instanceCount: configured, autoscaling: scaling }, rollout: { ...stage.rollout, canaryPercentage } };
            const { canary, retained } = fleetPlan(planned, running, configured, false);
            const smaller = Math.min(running, retained ? running : configured);
            if (smaller < 2) expect(canary).toBeUndefined();
            else expect(canary! >= 1 && 2 * canary! <= smaller && canary! <= Math.max(1, (smaller * canaryPercentage) / 100)).toBe(true);
          }
        }
      }
    }
  });

  test('all at once is no canary, whatever runs, and needs no note', () => {
    expect(fleetPlan({ ...stage, rollout: { ...stage.rollout, kind: 'all-at-once' } }, 2, 2, false)).toEqual({ retained: false, canary: undefined, notes: [] });
  });
});
