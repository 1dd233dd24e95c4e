/** Every handler by name. A file missing here is never shipped, and one missing on disk is an error. */
export const HANDLERS = [
  'data/resolve-dataset',
  'data/profile-data',
  'training/judge-candidate',
  'training/register-candidate',
  'delivery/approve-candidate',
  'delivery/start-release',
  'delivery/select-release',
  'serving/deploy-endpoint',
  'serving/probe-endpoint',
  'serving/retire-endpoint',
  'monitoring/plan-scan',
  'monitoring/scan-capture',
  'monitoring/reduce-scan',
  'monitoring/measure-quality',
  'monitoring/start-heartbeat',
  'monitoring/reconcile-loop',
  'monitoring/start-retraining',
] as const;

export const COMMAND_LINE = { in: 'bin/mlops.ts', out: 'mlops' };
