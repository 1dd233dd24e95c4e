import { impliedDependencies } from './dependencies';
import { Definition } from './state-machine';
import { without, type Json, type JsonObject, type Path, type Template } from './template';

export const WIRE_KINDS = ['target', 'environment', 'alarm-action', 'dependency', 'parameter'] as const;
export type WireKind = (typeof WIRE_KINDS)[number];

/** One connection of a template that can be taken out on its own. */
export interface Wire {
  readonly kind: WireKind;
  /** Logical id, and where in the resource. */
  readonly name: string;
  readonly resource: string;
  /** In the resource; for a parameter in its state machine's definition. */
  readonly path: Path;
  /** Another dependency or a reference says the same, so that taking it out changes nothing. */
  readonly implied?: true;
}

const ACTIONS = ['AlarmActions', 'OKActions', 'InsufficientDataActions'];

export function wiresOf(template: Template): Wire[] {
  return Object.entries(template.Resources).flatMap(([resource, { Type, Properties = {}, DependsOn }]) => {
    const wire = (kind: WireKind, path: Path): Wire => ({ kind, resource, path, name: `${resource}.${path.filter((part) => part !== 'Properties').join('.')}` });
    const each = (value: Json | undefined, kind: WireKind, path: Path) => keysOf(value).map((key) => wire(kind, [...path, key]));
    const dependencies = DependsOn === undefined ? [] : [DependsOn].flat();
    const implied = impliedDependencies(template, resource);
    const wires = dependencies.map((on): Wire => ({
      kind: 'dependency', resource, path: ['DependsOn', on], name: `${resource} after ${on}`, ...(implied.has(on) && { implied: true }),
    }));
    switch (Type) {
      case 'AWS::Events::Rule': return [...wires, ...each(Properties.Targets, 'target', ['Properties', 'Targets'])];
      case 'AWS::Lambda::Function':
        return [...wires, ...each((Properties.Environment as JsonObject | undefined)?.Variables, 'environment', ['Properties', 'Environment', 'Variables'])];
      case 'AWS::CloudWatch::Alarm': return [...wires, ...ACTIONS.flatMap((actions) => each(Properties[actions], 'alarm-action', ['Properties', actions]))];
      case 'AWS::StepFunctions::StateMachine': return [...wires, ...Definition.of(Properties.DefinitionString!).parameters().map((path) => wire('parameter', path))];
      default: return wires;
    }
  });
}

/** The template as if nobody had laid this wire. */
export function withoutWire(template: Template, { kind, resource, path }: Wire): Template {
  if (kind === 'parameter') {
    const copy = structuredClone(template);
    const properties = copy.Resources[resource]!.Properties!;
    properties.DefinitionString = Definition.of(properties.DefinitionString!).without(path).toTemplate();
    return copy;
  }
  if (kind === 'dependency') {
    const copy = structuredClone(template) as { Resources: Record<string, { DependsOn?: string | string[] }> };
    copy.Resources[resource]!.DependsOn = [copy.Resources[resource]!.DependsOn!].flat().filter((on) => on !== path[1]);
    return copy as Template;
  }
  return without(template, ['Resources', resource, ...path]);
}

function keysOf(value: Json | undefined): Array<string | number> {
  if (value === undefined) return [];
  return Array.isArray(value) ? [...value.keys()] : Object.keys(value as JsonObject);
}
