/** How a task waits for what it started. */
export type Pattern = 'requestResponse' | 'sync' | 'sync:2' | 'waitForTaskToken';

/** What the `Resource` of a Task names. */
export type TaskResource =
  | { readonly kind: 'function'; readonly functionName: string; readonly pattern: 'requestResponse' }
  | { readonly kind: 'optimized' | 'sdk'; readonly service: string; readonly action: string; readonly pattern: Pattern };

const PATTERN = String.raw`(?:\.(sync:2|sync|waitForTaskToken))?`;
const SDK = new RegExp(`^arn:[^:]+:states:[^:]*:[^:]*:aws-sdk:([^:.]+):([^:.]+)${PATTERN}$`);
const OPTIMIZED = new RegExp(`^arn:[^:]+:states:[^:]*:[^:]*:([^:.]+):([^:.]+)${PATTERN}$`);
const FUNCTION = /^arn:[^:]+:lambda:[^:]+:\d+:function:[^:]+(:[^:]+)?$/;

export function parseResource(arn: string): TaskResource | undefined {
  if (FUNCTION.test(arn)) return { kind: 'function', functionName: arn, pattern: 'requestResponse' };
  const sdk = SDK.exec(arn);
  if (sdk) return { kind: 'sdk', service: sdk[1]!, action: sdk[2]!, pattern: (sdk[3] as Pattern | undefined) ?? 'requestResponse' };
  const optimized = OPTIMIZED.exec(arn);
  if (optimized && optimized[1] !== 'activity') {
    return { kind: 'optimized', service: optimized[1]!, action: optimized[2]!, pattern: (optimized[3] as Pattern | undefined) ?? 'requestResponse' };
  }
  return undefined;
}
