import { parseDocument, Scalar, type CollectionTag, type ScalarTag, type YAMLMap, type YAMLSeq } from 'yaml';
import { AwsError, type Principal } from '../../service';
import { readTemplate, TemplateError, type Template } from '../../template';
import type { World } from '../../world';

export interface TemplateSource {
  readonly TemplateBody?: string;
  readonly TemplateURL?: string;
  readonly UsePreviousTemplate?: boolean;
}

export interface ReadTemplate {
  readonly template: Template;
  readonly body: string;
}

/** Bytes of a template in the request and in S3. */
const MAX_BODY = 51_200;
const MAX_OBJECT = 1_000_000;

/** The template that a request means: in the request itself, in S3, or the one the stack has. S3 is asked in the caller's name. */
export async function templateOf(world: World, source: TemplateSource, caller: Principal, previous?: ReadTemplate): Promise<ReadTemplate> {
  const { TemplateBody, TemplateURL, UsePreviousTemplate = false } = source;
  if ([TemplateBody !== undefined, TemplateURL !== undefined, UsePreviousTemplate].filter(Boolean).length !== 1) {
    throw invalid('Either Template URL or Template Body must be specified.');
  }
  if (UsePreviousTemplate) {
    if (previous === undefined) throw invalid('UsePreviousTemplate is not allowed: the stack has no template yet.');
    return previous;
  }
  if (TemplateBody !== undefined && Buffer.byteLength(TemplateBody) > MAX_BODY) {
    throw invalid(`1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${MAX_BODY}`);
  }
  const body = TemplateBody ?? await objectText(world, TemplateURL!, caller);
  return { body, template: parseTemplate(body) };
}

/** A template in JSON or YAML, intrinsics in their long form. */
export function parseTemplate(text: string): Template {
  try {
    return readTemplate(text.trimStart().startsWith('{') ? JSON.parse(text) : fromYaml(text));
  } catch (error) {
    if (error instanceof TemplateError || error instanceof SyntaxError) throw invalid(`Template format error: ${error.message}`);
    throw error;
  }
}

/** Bucket and key of an HTTP address of S3: AWS's hosts, by path or by the bucket's name, and the twin's own. */
export function s3Location(address: string, world: Pick<World, 'endpoint'>): { Bucket: string; Key: string; VersionId?: string } | undefined {
  if (!URL.canParse(address)) return undefined;
  const { hostname, host, pathname, searchParams } = new URL(address);
  const path = decodeURIComponent(pathname.slice(1));
  const virtual = /^(.+)\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/.exec(hostname);
  const byPath = host === new URL(world.endpoint).host || /^s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/.test(hostname);
  const slash = path.indexOf('/');
  const [Bucket, Key] = virtual ? [virtual[1], path] : byPath && slash > 0 ? [path.slice(0, slash), path.slice(slash + 1)] : [];
  if (!Bucket || !Key) return undefined;
  const VersionId = searchParams.get('versionId') ?? undefined;
  return { Bucket, Key, ...(VersionId !== undefined && { VersionId }) };
}

async function objectText(world: World, address: string, caller: Principal): Promise<string> {
  const location = s3Location(address, world);
  if (location === undefined) throw invalid(`TemplateURL must reference a valid S3 object to which you have access: ${address}`);
  try {
    const { Body } = await world.call({ service: 's3', operation: 'GetObject', input: location, caller }) as { Body: Uint8Array };
    if (Body.length > MAX_OBJECT) throw invalid(`Template may not exceed ${MAX_OBJECT} bytes in size.`);
    return Buffer.from(Body).toString('utf8');
  } catch (error) {
    if (error instanceof AwsError && error.code !== 'ValidationError') throw invalid(`S3 error: ${error.message}`);
    throw error;
  }
}

const CALLS = [
  'And', 'Base64', 'Cidr', 'Equals', 'FindInMap', 'GetAZs', 'GetAtt', 'If', 'ImportValue', 'Join', 'Length', 'Not', 'Or', 'Select', 'Split', 'Sub',
  'ToJsonString', 'Transform',
];

const longForm = (name: string, value: unknown) => {
  if (name === 'GetAtt' && typeof value === 'string') {
    const dot = value.indexOf('.');
    return { 'Fn::GetAtt': dot < 0 ? value : [value.slice(0, dot), value.slice(dot + 1)] };
  }
  return { [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: value };
};

/** The short forms of intrinsics, `!Sub` and so on, for scalars, lists and maps. */
const SHORT_FORMS = ['Ref', 'Condition', ...CALLS].flatMap((name): Array<ScalarTag | CollectionTag> => {
  const tag = `!${name}`;
  const collection = (value: YAMLMap | YAMLSeq) => new Scalar(longForm(name, value.toJSON()));
  return [
    { tag, resolve: (value: string) => longForm(name, value) },
    { tag, collection: 'seq', resolve: (value) => collection(value as YAMLSeq) },
    { tag, collection: 'map', resolve: (value) => collection(value as YAMLMap) },
  ];
});

function fromYaml(text: string): unknown {
  const document = parseDocument(text, { customTags: SHORT_FORMS, version: '1.1', schema: 'core', uniqueKeys: true });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) throw invalid(`Template format error: YAML not well-formed. ${problem.message}`);
  return document.toJSON();
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
