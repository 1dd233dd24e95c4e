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

export function checkInput(target: string, { Input, InputPath, InputTransformer }: InputSettings): void {
  if ([Input, InputPath, InputTransformer].filter((one) => one !== undefined).length > 1) {
    throw new AwsError('ValidationException', `Only one of Input, InputPath, or InputTransformer must be provided for target ${target}.`);
  }
  if (InputTransformer === undefined) return;
  const known = Object.keys(InputTransformer.InputPathsMap ?? {});
  for (const [, name] of InputTransformer.InputTemplate.matchAll(/<([^<>\s]+)>/g)) {
    if (!name!.startsWith('aws.') && !known.includes(name!)) {
      throw new AwsError('ValidationException', `Invalid InputTemplate for target ${target} : InputTransformer variable <${name}> is not defined in InputPathsMap [${known.join(', ')}]`);
    }
  }
}

/** What a target gets of an event, as text. */
export function inputFor(settings: InputSettings, event: Record<string, any>, rule: RuleIdentity, ingestedAt: Date): string {
  const { Input, InputPath, InputTransformer } = settings;
  if (Input !== undefined) return Input;
  if (InputTransformer !== undefined) return transform(InputTransformer, event, rule, ingestedAt);
  const selected = InputPath === undefined ? event : at(event, InputPath);
  return JSON.stringify(selected ?? {});
}

/**
 * Fills a template. Where the template is JSON, a variable between quotes gives its text, escaped, and one outside of them gives JSON;
 * an absent field gives an empty text or null.
 */
function transform({ InputPathsMap = {}, InputTemplate }: NonNullable<InputSettings['InputTransformer']>, event: Record<string, any>, rule: RuleIdentity, ingestedAt: Date): string {
  const reserved: Record<string, unknown> = {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': ingestedAt.toISOString(),
    'aws.events.event': Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'detail')),
    'aws.events.event.json': event,
  };
  let quoted = false;
  return InputTemplate.replace(/\\.|"|<([^<>\s]+)>/g, (token, name?: string) => {
    if (name === undefined) {
      if (token === '"') quoted = !quoted;
      return token;
    }
    const value = name in reserved ? reserved[name] : at(event, InputPathsMap[name]!);
    if (!quoted) return value === undefined ? 'null' : JSON.stringify(value);
    const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    return JSON.stringify(text).slice(1, -1);
  });
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
