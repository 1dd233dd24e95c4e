import * as fs from 'node:fs';
import * as path from 'node:path';
import { Models } from '../../http/model';
import type { ServiceModel } from '../../http/model';
import { AwsError } from '../../service';
import type { Principal } from '../../service';
import type { World } from '../../world';
import { listFolder } from '../folder';
import { query } from './query';
import type { Tool, ToolCall, ToolResult } from './tool';
import { done, parseOptions, ToolError } from './tool';

/** `aws` as a build knows it: `ecr get-login-password`, `s3 cp`, and every operation the twin has, as the build's role. */
export function aws(world: World, principal: Principal): Tool {
  return async (call) => {
    const { globals, words } = globalOptions(call.args);
    if (words.length === 0 && globals.version) return done('aws-cli/2.27.0 Python/3.13 Linux/6.1 twin\n');
    const [service = '', command = '', ...args] = words;
    try {
      if (service === 'ecr' && command === 'get-login-password') return await loginPassword(world, principal);
      if (service === 's3' && command === 'cp') return await copy(world, principal, args, call);
      if (service === 's3') throw new ToolError(`aws: the twin does not implement aws s3 ${command}; it knows aws s3 cp`, 252);
      return await operation(world, principal, service, command, args, globals);
    } catch (error) {
      if (error instanceof AwsError) throw new ToolError(`\nAn error occurred (${error.code}) when calling the ${pascal(command)} operation: ${error.message}`, 254);
      throw error;
    }
  };
}

interface Globals {
  readonly version: boolean;
  readonly output: string;
  readonly query?: string;
}

function globalOptions(args: readonly string[]): { globals: Globals; words: string[] } {
  const words: string[] = [];
  const found: Record<string, string> = {};
  const known = ['--region', '--output', '--query', '--endpoint-url', '--profile', '--color'];
  for (let at = 0; at < args.length; at++) {
    const [name = '', ...value] = args[at]!.split('=');
    if (known.includes(name)) found[name] = value.length > 0 ? value.join('=') : args[++at] ?? '';
    else if (['--no-cli-pager', '--version', '--no-paginate', '--debug'].includes(args[at]!)) found[args[at]!] = 'true';
    else words.push(args[at]!);
  }
  return { globals: { version: '--version' in found, output: found['--output'] ?? 'json', query: found['--query'] }, words };
}

async function loginPassword(world: World, caller: Principal): Promise<ToolResult> {
  const { authorizationData } = await world.call({ service: 'ecr', operation: 'GetAuthorizationToken', input: {}, caller });
  const [, password] = Buffer.from(authorizationData[0].authorizationToken, 'base64').toString('utf8').split(':');
  return done(`${password}\n`);
}

async function copy(world: World, caller: Principal, args: readonly string[], call: ToolCall): Promise<ToolResult> {
  const { options, rest } = parseOptions(args, { values: {}, flags: ['--recursive', '--quiet', '--only-show-errors', '--no-progress'] },
    (option) => new ToolError(`aws: the twin does not implement aws s3 cp ${option}`, 252));
  const [from = '', to = ''] = rest;
  const s3 = (operationName: string, input: object) => world.call({ service: 's3', operation: operationName, input, caller });
  const lines: string[] = [];
  const say = (line: string) => { if (options.size === 0 || !['--quiet', '--only-show-errors'].some((flag) => options.has(flag))) lines.push(`${line}\n`); };
  const source = address(from);
  const target = address(to);
  if ((source === undefined) === (target === undefined)) throw new ToolError('aws: the twin copies from or to S3 only: one address begins with s3://, the other does not', 252);
  if (target !== undefined) {
    const local = path.resolve(call.cwd, from);
    const files = options.has('--recursive') ? listFolder(local).map((name) => ({ name, file: path.join(local, name) })) : [{ name: path.basename(from), file: local }];
    for (const { name, file } of files) {
      const key = options.has('--recursive') ? path.posix.join(target.key, name) : target.key === '' || target.key.endsWith('/') ? `${target.key}${name}` : target.key;
      if (from !== '-' && !fs.existsSync(file)) throw new ToolError(`\nThe user-provided path ${from} does not exist.`, 255);
      await s3('PutObject', { Bucket: target.bucket, Key: key, Body: from === '-' ? call.input : fs.readFileSync(file) });
      say(`upload: ${from === '-' ? '-' : path.relative(call.cwd, file)} to s3://${target.bucket}/${key}`);
    }
    return done(lines.join(''));
  }
  const keys = options.has('--recursive') ? await listKeys(s3, source!) : [source!.key];
  for (const key of keys) {
    const { Body } = await s3('GetObject', { Bucket: source!.bucket, Key: key });
    if (to === '-') return done(Buffer.from(Body));
    const name = options.has('--recursive') ? key.slice(source!.key.length).replace(/^\//, '') : path.posix.basename(key);
    const folder = options.has('--recursive') || to.endsWith('/') || (fs.existsSync(path.resolve(call.cwd, to)) && fs.statSync(path.resolve(call.cwd, to)).isDirectory());
    const file = path.resolve(call.cwd, folder ? path.join(to, name) : to);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, Buffer.from(Body));
    say(`download: s3://${source!.bucket}/${key} to ${path.relative(call.cwd, file)}`);
  }
  return done(lines.join(''));
}

async function listKeys(s3: (operation: string, input: object) => Promise<any>, source: { bucket: string; key: string }): Promise<string[]> { // eslint-disable-line @typescript-eslint/no-explicit-any
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await s3('ListObjectsV2', { Bucket: source.bucket, Prefix: source.key, ...(token !== undefined ? { ContinuationToken: token } : {}) });
    for (const { Key } of page.Contents ?? []) keys.push(Key);
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys;
}

function address(text: string): { bucket: string; key: string } | undefined {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(text) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

/** The names that the command line gives to APIs whose signing name differs. */
const SIGNING_NAMES: Readonly<Record<string, string>> = { s3api: 's3', cloudwatch: 'monitoring', stepfunctions: 'states' };

async function operation(world: World, caller: Principal, service: string, command: string, args: readonly string[], globals: Globals): Promise<ToolResult> {
  const signingName = SIGNING_NAMES[service] ?? service;
  const name = pascal(command);
  const model = Models.load().operation(signingName, name);
  if (model === undefined) throw new ToolError(`aws: the twin does not implement aws ${service} ${command}`, 252);
  const input: Record<string, unknown> = {};
  const members = model.input === undefined ? {} : model.service.shape(model.input).members ?? {};
  const byOption = new Map(Object.entries(members).map(([member, reference]) => [`--${kebab(member)}`, { member, shape: reference.shape }]));
  for (let at = 0; at < args.length; at++) {
    const option = byOption.get(args[at]!);
    if (option === undefined) throw new ToolError(`\naws: error: argument ${args[at]} is unknown; aws ${service} ${command} knows ${[...byOption.keys()].join(', ')}`, 252);
    const values: string[] = [];
    while (at + 1 < args.length && !args[at + 1]!.startsWith('--')) values.push(args[++at]!);
    input[option.member] = convert(model.service, option.shape, values, args[at - values.length]!);
  }
  const output = await world.call({ service: signingName, operation: name, input, caller });
  const chosen = globals.query === undefined ? output : query(globals.query, output);
  return done(globals.output === 'text' ? `${text(chosen)}\n` : `${JSON.stringify(chosen, undefined, 4)}\n`);
}

function convert(service: ServiceModel, shapeName: string, values: readonly string[], option: string): unknown {
  const shape = service.shape(shapeName);
  const joined = values.join(' ');
  if (shape.type === 'string') return joined;
  if (['integer', 'long', 'float', 'double'].includes(shape.type)) return Number(joined);
  if (shape.type === 'boolean') return joined === '' || joined === 'true';
  if (shape.type === 'list' && !joined.startsWith('[')) return values.map((value) => convert(service, shape.member!.shape, [value], option));
  if (joined.startsWith('{') || joined.startsWith('[')) return JSON.parse(joined) as unknown;
  if (shape.type === 'structure') {
    // The shorthand `imageTag=latest,name=value`.
    return Object.fromEntries(joined.split(',').map((part) => {
      const [member = '', ...value] = part.split('=');
      return [member, convert(service, shape.members?.[member]?.shape ?? shapeName, [value.join('=')], option)];
    }));
  }
  throw new ToolError(`aws: the twin reads ${option} as JSON only`, 252);
}

function text(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  return Array.isArray(value) ? value.map(text).join('\t') : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const pascal = (command: string): string => command.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');

const kebab = (member: string): string => member.replace(/([a-z0-9])([A-Z])/g, '$1-$2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2').toLowerCase();
