import { TemplateError } from './errors';

/* eslint-disable @typescript-eslint/no-explicit-any -- a template is JSON of any shape until its intrinsics are resolved */

export interface ParameterDefinition {
  readonly Type: string;
  readonly Default?: string | number | boolean | readonly string[];
  readonly AllowedValues?: ReadonlyArray<string | number>;
  readonly AllowedPattern?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
  readonly ConstraintDescription?: string;
  readonly Description?: string;
  readonly NoEcho?: boolean | string;
}

export type UpdateReplacePolicy = 'Delete' | 'Retain';
export type DeletionPolicy = UpdateReplacePolicy | 'RetainExceptOnCreate';

export interface ResourceDefinition {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, any>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: DeletionPolicy;
  readonly UpdateReplacePolicy?: UpdateReplacePolicy;
  readonly Metadata?: Readonly<Record<string, any>>;
}

export interface OutputDefinition {
  readonly Value: any;
  readonly Description?: string;
  readonly Condition?: string;
  readonly Export?: { readonly Name: any };
}

export interface RuleDefinition {
  readonly RuleCondition?: any;
  readonly Assertions: ReadonlyArray<{ readonly Assert: any; readonly AssertDescription?: string }>;
}

export interface Template {
  readonly AWSTemplateFormatVersion?: string;
  readonly Description?: string;
  readonly Metadata?: Readonly<Record<string, any>>;
  readonly Parameters?: Readonly<Record<string, ParameterDefinition>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, any>>>>>>;
  readonly Conditions?: Readonly<Record<string, any>>;
  readonly Rules?: Readonly<Record<string, RuleDefinition>>;
  readonly Resources: Readonly<Record<string, ResourceDefinition>>;
  readonly Outputs?: Readonly<Record<string, OutputDefinition>>;
}

const SECTIONS = ['AWSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Mappings', 'Conditions', 'Rules', 'Resources', 'Outputs'];
const RESOURCE_FIELDS = ['Type', 'Properties', 'DependsOn', 'Condition', 'DeletionPolicy', 'UpdateReplacePolicy', 'Metadata'];
/** The two attributes do not take the same, as cfn-lint's rules E3035 and E3036 have it. */
const POLICIES = { DeletionPolicy: ['Delete', 'Retain', 'RetainExceptOnCreate'], UpdateReplacePolicy: ['Delete', 'Retain'] } as const;
/** CloudFormation's own limit. */
const MAX_RESOURCES = 500;

/** Checks a template's outer shape; what its resources hold is checked against their providers later. */
export function readTemplate(json: unknown): Template {
  const template = json as Template;
  if (typeof template !== 'object' || template === null) throw new TemplateError('template', 'not a JSON object');
  for (const section of Object.keys(template)) {
    if (!SECTIONS.includes(section)) throw new TemplateError(section, `section is not supported; the twin knows ${SECTIONS.join(', ')}`);
  }
  const resources = Object.entries(template.Resources ?? {});
  if (resources.length === 0) throw new TemplateError('Resources', 'at least one resource is required');
  if (resources.length > MAX_RESOURCES) throw new TemplateError('Resources', `${resources.length} resources, at most ${MAX_RESOURCES} are allowed`);
  for (const [logicalId, resource] of resources) checkResource(logicalId, resource);
  return template;
}

function checkResource(logicalId: string, resource: ResourceDefinition): void {
  const path = `Resources.${logicalId}`;
  if (!/^[A-Za-z0-9]{1,255}$/.test(logicalId)) throw new TemplateError(path, 'a logical id is 1 to 255 letters and digits');
  if (typeof resource?.Type !== 'string') throw new TemplateError(`${path}.Type`, 'every resource needs a type');
  for (const field of Object.keys(resource)) {
    if (!RESOURCE_FIELDS.includes(field)) {
      throw new TemplateError(`${path}.${field}`, `attribute of a resource is not supported; the twin knows ${RESOURCE_FIELDS.join(', ')}`);
    }
  }
  for (const field of ['DeletionPolicy', 'UpdateReplacePolicy'] as const) {
    const policy = resource[field];
    if (policy !== undefined && !(POLICIES[field] as readonly string[]).includes(policy)) {
      throw new TemplateError(`${path}.${field}`, `${JSON.stringify(policy)} is not supported; use one of ${POLICIES[field].join(', ')}`);
    }
  }
}
