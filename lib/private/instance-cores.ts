/** Types whose size does not tell. */
const EXCEPTIONS: Readonly<Record<string, number>> = { 'ml.c4.8xlarge': 36 };

/**
 * How many virtual processors an instance of a SageMaker type has; undefined if its name does not tell. AWS's sizes are regular:
 * large has two, xlarge four, nxlarge n times as many.
 */
export function coresOf(instanceType: string): number | undefined {
  const exception = EXCEPTIONS[instanceType];
  if (exception !== undefined) return exception;
  const [, family = '', size = ''] = /^ml\.([a-z0-9-]+)\.([a-z0-9]+)$/.exec(instanceType) ?? [];
  const times = /^(\d*)xlarge$/.exec(size);
  if (times) return 4 * Number(times[1] || 1);
  if (size === 'large') return 2;
  // Burstable ones have two in every small size.
  return size === 'medium' ? (/^t\d/.test(family) ? 2 : 1) : undefined;
}
