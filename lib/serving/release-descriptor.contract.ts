/**
 * What a release does, as data: an asset that the release pipeline takes as its source. Tokens (role, bucket, key,
 * subnets) are not in it; they reach the handler by its environment.
 */
export interface ReleaseDescriptor {
  readonly version: 1;
  readonly stages: StageDescriptor[];
}

export interface StageDescriptor {
  readonly name: string;
  readonly endpointName: string;
  readonly hosting: RealTimeHosting;
  readonly rollout: RolloutDescriptor;
  readonly rollbackAlarms: RollbackAlarms;
  readonly capture: { readonly samplingPercentage: number };
}

export interface RealTimeHosting {
  readonly kind: 'real-time';
  readonly instanceType: string;
  readonly instanceCount: number;
  readonly autoscaling: AutoscalingDescriptor | null;
}

export interface AutoscalingDescriptor {
  readonly minimumInstances: number;
  readonly maximumInstances: number;
  /** Invocations per instance and minute that the fleet aims at. */
  readonly invocationsPerInstance: number;
}

export interface RolloutDescriptor {
  /** A canary needs two instances when the release starts; with one all traffic moves at once. */
  readonly kind: 'canary' | 'all-at-once';
  /** Share of the fleet that takes traffic first, 1 to 50, rounded down to whole instances and at least one; canary only. */
  readonly canaryPercentage: number;
  /** Seconds that the canary, and after it the new fleet with all traffic, is watched: the bake. */
  readonly bakeSeconds: number;
  /** Seconds that the old fleet is kept after the bake; SageMaker's own termination wait is both together. */
  readonly terminationWaitSeconds: number;
}

/** Alarms on the released fleet alone: a release that makes one of them fire fails. */
export interface RollbackAlarms {
  /** Whether SageMaker sends the traffic back to the old fleet when one fires. */
  readonly automatic: boolean;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  /** Largest share of requests that the model fails, 0 to 1. */
  readonly maximumErrorShare: number;
  /** Largest 99th percentile of model latency, microseconds. */
  readonly maximumLatencyMicroseconds: number;
}

/** File inside the descriptor's zip. */
export const DESCRIPTOR_FILE = 'release.json';
/** The one variant of every endpoint; guardrails ask for the same name before and after. */
export const VARIANT_NAME = 'main';
/** Prefix of captured traffic in the capture bucket; SageMaker appends endpoint, variant, date and hour. */
export const CAPTURE_PREFIX = 'capture';
/** Tag on everything a release makes outside CloudFormation: the id of the stack that owns it. */
export const OWNER_TAG = 'cdk-mlops:stack-id';
/** Tags on the endpoint: since when, and with which config, it has been serving. */
export const SERVING_SINCE_TAG = 'cdk-mlops:serving-since';
export const SERVING_CONFIG_TAG = 'cdk-mlops:serving-config';
/** Tag on the endpoint: how the last release that came about scales it, for when a later one does not. */
export const SCALING_TAG = 'cdk-mlops:scaling';
/** Models and configs of a release are named by the endpoint, a hyphen and so many digits of a hash of what they hold. */
export const RELEASE_HASH_LENGTH = 10;
/** Rollback alarms are named by the config that they watch, a hyphen and one of these. */
export const ROLLBACK_ALARM_SUFFIXES = ['errors', 'latency'] as const;
/** How many configs and models are kept for a rollback by hand. */
export const KEPT_RELEASES = 3;

/** Namespaces and names as SageMaker publishes them. Latencies are microseconds. */
export const ENDPOINT_METRICS = {
  namespace: 'AWS/SageMaker',
  instanceNamespace: '/aws/sagemaker/Endpoints',
  invocations: 'Invocations',
  errors4xx: 'Invocation4XXErrors',
  errors5xx: 'Invocation5XXErrors',
  modelErrors: 'InvocationModelErrors',
  modelLatency: 'ModelLatency',
  cpu: 'CPUUtilization',
  memory: 'MemoryUtilization',
} as const;

/**
 * The share of requests that the model failed, as metric math over sums. What clients send wrong is not among them:
 * `InvocationModelErrors` counts whatever is not 2xx, the model's 4xx too. `Invocation5XXErrors` counts what the model answered,
 * by its documentation neither time-outs nor broken connections; the larger of both is right even if it counts them.
 */
export const FAILED_SHARE = {
  metrics: {
    requests: ENDPOINT_METRICS.invocations, serverErrors: ENDPOINT_METRICS.errors5xx,
    modelErrors: ENDPOINT_METRICS.modelErrors, clientErrors: ENDPOINT_METRICS.errors4xx,
  },
  /** Id of an expression that the last one refers to. */
  failuresId: 'failures',
  failures: 'modelErrors - clientErrors',
  share: 'MAX([serverErrors, failures]) / requests',
} as const;
