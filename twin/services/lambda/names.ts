import { AwsError } from '../../service';
import type { World } from '../../world';
import type { FunctionConfiguration, FunctionRecord } from './state';

export interface FunctionReference {
  readonly name: string;
  /** A version's number, an alias's name, or `$LATEST`. */
  readonly qualifier: string | undefined;
}

/** Takes a function's name, its ARN whole or from the account on, each with or without a qualifier. */
export function parseReference(reference: string, qualifier?: string): FunctionReference {
  const [, name, inName] = /^(?:arn:[^:]+:lambda:[^:]+:)?(?:\d{12}:)?(?:function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/.exec(reference) ?? [];
  if (name === undefined) throw new AwsError('InvalidParameterValueException', `${JSON.stringify(reference)} is not the name or ARN of a function`);
  if (inName !== undefined && qualifier !== undefined && inName !== qualifier) {
    throw new AwsError('InvalidParameterValueException', 'The derived qualifier from the function name does not match the specified qualifier.');
  }
  return { name, qualifier: qualifier ?? inName };
}

export function functionArn(world: World, { name, qualifier }: FunctionReference): string {
  return world.arn('lambda', `function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`);
}

export function newLogStream(world: World, version: string): string {
  return `${world.clock.date().toISOString().slice(0, 10).replaceAll('-', '/')}/[${version}]${world.random.text(32, '0123456789abcdef')}`;
}

export function configurationFor(record: FunctionRecord, qualifier: string | undefined, arn: string): FunctionConfiguration {
  if (qualifier === undefined || qualifier === '$LATEST') return record.latest;
  const configuration = record.versions.get(record.aliases.get(qualifier) ?? qualifier);
  if (configuration === undefined) throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
  return configuration;
}
