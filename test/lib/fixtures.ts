import { readFileSync } from 'fs';
import { join } from 'path';
import { App, Stack, type AppProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import { DataBuckets, ModelImage, ModelProject, ModelRegistry, MlopsStack, QualityGate, type MlopsStackProps } from '../../lib';

export const ROOT = join(__dirname, '..', '..');
export const PROJECT = join(ROOT, 'examples', 'flight-delay');

/** Feature flags change templates: tests see what the app sees. */
const CONTEXT: Record<string, unknown> = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')).context;

export function testApp(props: AppProps = {}): App {
  return new App({ analyticsReporting: false, ...props, context: { ...CONTEXT, ...props.context } });
}

/** Template of a stack with what `build` makes in it. */
export function templateOf(build: (stack: Stack) => void): Template {
  const stack = new Stack(testApp(), 'Test');
  build(stack);
  return Template.fromStack(stack);
}

/** What a construct on its own needs around it. */
export function surroundings(scope: Construct) {
  const buckets = new DataBuckets(scope, 'Data');
  const registry = new ModelRegistry(scope, 'Registry');
  const image = new ModelImage(scope, 'Image', { project: ModelProject.fromDirectory(PROJECT), pipelineArtifacts: buckets.pipelineArtifacts });
  return { buckets, registry, image };
}

export const SMALLEST: MlopsStackProps = {
  project: ModelProject.fromDirectory(PROJECT),
  dataset: { labelColumn: 'late', timeColumn: 'time' },
  gate: QualityGate.atLeast('auc', 0.58),
};

export function loopTemplate(props: Partial<MlopsStackProps> = {}): Template {
  return Template.fromStack(new MlopsStack(testApp(), 'Mlops', { ...SMALLEST, ...props }));
}

export type Resource = { Type: string; Properties: Record<string, any>; DependsOn?: string[]; DeletionPolicy?: string; UpdateReplacePolicy?: string };

/** Resources of a type, by logical id. */
export function resources(template: Template, type: string): Record<string, Resource> {
  return template.findResources(type) as Record<string, Resource>;
}

/** The one resource of a type whose logical id starts so. */
export function resource(template: Template, type: string, prefix: string): Resource {
  const found = Object.entries(resources(template, type)).filter(([id]) => new RegExp(`^${prefix}[0-9A-F]{8}$`).test(id));
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} are called ${prefix}: ${Object.keys(resources(template, type)).join(', ')}`);
  return found[0]![1];
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

export const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Statements of a role, wherever they stand. */
export function statementsOf(role: Resource): Statement[] {
  return (role.Properties.Policies ?? []).flatMap((policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement);
}

/** Actions of a role, sorted, without those on its own logs. */
export function actionsOf(role: Resource): string[] {
  return [...new Set(statementsOf(role).flatMap((statement) => list(statement.Action)))].filter((action) => !action.startsWith('logs:')).sort();
}

/** The template with hashes of assets masked: a snapshot is about ids and shape, not about the bytes of a bundle. */
export function shapeOf(template: Template): unknown {
  return JSON.parse(JSON.stringify(template.toJSON()).replace(/[0-9a-f]{64}/g, 'HASH'));
}

/** Ids, types and names of properties: enough to see what moved, small enough to be read. */
export function outline(template: Template): Record<string, string> {
  const all = template.toJSON().Resources as Record<string, Resource>;
  return Object.fromEntries(Object.entries(all).map(([id, { Type, Properties, DependsOn }]) => [
    id, `${Type} ${Object.keys(Properties ?? {}).sort().join(',')}${DependsOn ? ` after ${DependsOn.join(',')}` : ''}`,
  ]));
}

/** A workflow's definition with references replaced by `<LogicalId>`. */
export function definitionOf(stateMachine: Resource): any {
  const text = stateMachine.Properties.DefinitionString;
  const parts: unknown[] = typeof text === 'string' ? [text] : text['Fn::Join'][1];
  return JSON.parse(parts.map((part: any) => (typeof part === 'string' ? part : `<${(part.Ref ?? part['Fn::GetAtt'][0]).replace(/[0-9A-F]{8}$/, '')}>`)).join(''));
}
