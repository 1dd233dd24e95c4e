import { AwsError } from '../../service';

/* eslint-disable @typescript-eslint/no-explicit-any -- events are any JSON */

export interface InputSettings {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: { readonly InputPathsMap?: Readonly<Record<string, string>>; readonly InputTemplate: string };
}

export interface RuleIdentity {
  readonly name: string;
  readonly arn: string;
}

/** Variables every template may use. */
const RESERVED = ['aws.events.rule-arn', 'aws.events.rule-name', 'aws.events.event.ingestion-time', 'aws.events.event', 'aws.events.event.json'];

export function checkInput(target: string, { Input, InputPath, InputTransformer }: InputSettings): void {
  if ([Input, InputPath, InputTransformer].filter((one) => one !== undefined).length > 1) {
    throw new AwsError('ValidationException', `Only one of Input, InputPath, or InputTransformer must be provided for target ${target}.`);
  }
  if (InputTransformer === undefined) return;
  const known = [...RESERVED, ...Object.keys(InputTransformer.InputPathsMap ?? {})];
  for (const [, name] of InputTransformer.InputTemplate.matchAll(/<([^<>\s]+)>/g)) {
    if (!known.includes(name!)) throw new AwsError('ValidationException', `InputTemplate for target ${target} contains invalid placeholder ${name}.`);
  }
}

/** What a target gets of an event, as text. */
export function inputFor(settings: InputSettings, event: Record<string, any>, rule: RuleIdentity, ingestedAt: Date): string {
  const { Input, InputPath, InputTransformer } = settings;
  if (Input !== undefined) return Input;
  if (InputTransformer === undefined) return JSON.stringify((InputPath === undefined ? event : at(event, InputPath)) ?? {});
  const output = transform(InputTransformer, event, rule, ingestedAt);
  if (!isJson(output)) {
    // What AWS does with such an output is not documented. The twin delivers it to no target, so that no stack depends on it.
    throw new AwsError('InvalidInput', `the input transformer of rule ${rule.name} produced text that is not valid JSON: ${output.slice(0, 500)}`);
  }
  return output;
}

/**
 * Fills a template as the EventBridge user guide says ("Amazon EventBridge input transformation", common issues): values are not escaped; a
 * string outside of quotes gets quotes; an object or array inside of quotes loses its own. What an absent field becomes, and that
 * `aws.events.event` spells its type `detailType`, is what LocalStack's tests recorded from AWS (events/test_events_inputs.snapshot.json).
 */
function transform({ InputPathsMap = {}, InputTemplate }: NonNullable<InputSettings['InputTransformer']>, event: Record<string, any>, rule: RuleIdentity, ingestedAt: Date): string {
  const { detail: _detail, 'detail-type': detailType, ...envelope } = event;
  const reserved: Record<string, unknown> = {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': ingestedAt.toISOString(),
    'aws.events.event': { ...envelope, detailType },
    'aws.events.event.json': event,
  };
  let quoted = false;
  return InputTemplate.replace(/\\.|"|<([^<>\s]+)>/g, (token, name?: string) => {
    if (name === undefined) {
      if (token === '"') quoted = !quoted;
      return token;
    }
    const value = name in reserved ? reserved[name] : at(event, InputPathsMap[name]!);
    if (value === undefined) return quoted ? '' : '""';
    if (typeof value === 'object') return quoted ? JSON.stringify(value).replaceAll('"', '') : JSON.stringify(value);
    return quoted || typeof value !== 'string' ? String(value) : `"${value}"`;
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The value at `$.detail.items[0].name`, or undefined. */
export function at(document: unknown, path: string): unknown {
  if (!path.startsWith('$')) throw new AwsError('ValidationException', `JSONPath ${JSON.stringify(path)} must begin with $`);
  let value: any = document;
  for (const [, name, index, quoted] of path.slice(1).matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[["']([^"']*)["']\]/g)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = value[name ?? index ?? quoted!];
  }
  return value;
}
