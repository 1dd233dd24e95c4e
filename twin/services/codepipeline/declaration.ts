import { AwsError } from '../../service';
import { findProvider } from './actions';
import { checkCondition } from './conditions';
import { checkReference } from './variables';

/* eslint-disable @typescript-eslint/no-explicit-any -- a template's properties, and the API's shapes made of them */
export interface TypeId {
  readonly category: string;
  readonly owner: string;
  readonly provider: string;
  readonly version: string;
}

export interface ActionDeclaration {
  readonly name: string;
  readonly actionTypeId: TypeId;
  readonly runOrder: number;
  readonly configuration: Readonly<Record<string, string>>;
  readonly inputArtifacts: ReadonlyArray<{ readonly name: string }>;
  readonly outputArtifacts: ReadonlyArray<{ readonly name: string }>;
  readonly roleArn?: string;
  readonly region?: string;
  readonly namespace?: string;
  readonly timeoutInMinutes?: number;
}

export interface RuleDeclaration {
  readonly name: string;
  readonly ruleTypeId: TypeId;
  readonly configuration: Readonly<Record<string, string>>;
  readonly roleArn?: string;
  readonly region?: string;
  readonly timeoutInMinutes?: number;
}

export interface Condition {
  readonly result: 'FAIL' | 'SKIP';
  readonly rules: readonly RuleDeclaration[];
}

export interface StageDeclaration {
  readonly name: string;
  readonly actions: readonly ActionDeclaration[];
  readonly beforeEntry?: { readonly conditions: readonly Condition[] };
  readonly onSuccess?: { readonly conditions: readonly Condition[] };
  readonly onFailure?: { readonly result?: 'RETRY' | 'FAIL'; readonly retryConfiguration?: { readonly retryMode?: 'FAILED_ACTIONS' | 'ALL_ACTIONS' } };
}

interface Store {
  readonly type: string;
  readonly location: string;
  readonly encryptionKey?: { readonly id: string; readonly type: string };
}

/** A pipeline as the API shows it. */
export interface PipelineDeclaration {
  readonly name: string;
  readonly roleArn: string;
  readonly version: number;
  readonly pipelineType: 'V1' | 'V2';
  readonly executionMode: 'QUEUED' | 'SUPERSEDED' | 'PARALLEL';
  readonly artifactStore?: Store;
  readonly artifactStores?: Readonly<Record<string, Store>>;
  readonly stages: readonly StageDeclaration[];
  readonly variables: ReadonlyArray<{ readonly name: string; readonly defaultValue?: string; readonly description?: string }>;
  readonly triggers: readonly any[];
}

const STAGE = ['Name', 'Actions', 'BeforeEntry', 'OnSuccess', 'OnFailure'];
const ACTION = ['Name', 'ActionTypeId', 'RunOrder', 'Configuration', 'InputArtifacts', 'OutputArtifacts', 'RoleArn', 'Region', 'Namespace', 'TimeoutInMinutes'];
const RULE = ['Name', 'RuleTypeId', 'Configuration', 'RoleArn', 'Region', 'TimeoutInMinutes'];

/** The API's shape of a template's pipeline. Whatever would have no effect here is refused by name and path. */
export function declare(properties: Record<string, any>, name: string, version: number): PipelineDeclaration {
  const faults: string[] = [];
  const stages = (properties.Stages as any[]).map((stage, index) => declareStage(stage, `Stages[${index}]`, faults));
  const pipeline: PipelineDeclaration = {
    name, version, stages,
    roleArn: properties.RoleArn,
    pipelineType: properties.PipelineType ?? 'V1',
    executionMode: properties.ExecutionMode ?? 'SUPERSEDED',
    artifactStore: properties.ArtifactStore === undefined ? undefined : lowered(properties.ArtifactStore),
    artifactStores: properties.ArtifactStores === undefined ? undefined
      : Object.fromEntries((properties.ArtifactStores as any[]).map(({ Region, ArtifactStore }) => [Region, lowered(ArtifactStore)])),
    variables: ((properties.Variables ?? []) as any[]).map((variable) => lowered(variable)),
    triggers: ((properties.Triggers ?? []) as any[]).map((trigger) => lowered(trigger)),
  };
  checkWhole(pipeline, faults);
  checkTriggers(properties.Triggers ?? [], faults);
  if (faults.length > 0) throw new AwsError('InvalidStructureException', `pipeline ${name}: ${faults.join('; ')}`);
  return pipeline;
}

function declareStage(stage: any, path: string, faults: string[]): StageDeclaration {
  known(stage, STAGE, path, faults);
  known(stage.BeforeEntry, ['Conditions'], `${path}.BeforeEntry`, faults);
  known(stage.OnSuccess, ['Conditions'], `${path}.OnSuccess`, faults);
  // Conditions on failure can only roll back, which the twin does not do.
  known(stage.OnFailure, ['Result', 'RetryConfiguration'], `${path}.OnFailure`, faults);
  const { Result: result, RetryConfiguration: retry } = stage.OnFailure ?? {};
  if (result === 'ROLLBACK') faults.push(`${path}.OnFailure.Result ROLLBACK is not implemented by the twin`);
  if (retry !== undefined && result !== 'RETRY') faults.push(`${path}.OnFailure.RetryConfiguration has its effect only with Result RETRY`);
  return {
    name: stage.Name,
    actions: (stage.Actions as any[]).map((action, index) => declareAction(action, `${path}.Actions[${index}]`, faults)),
    beforeEntry: conditions(stage.BeforeEntry, `${path}.BeforeEntry`, ['FAIL', 'SKIP'], faults),
    onSuccess: conditions(stage.OnSuccess, `${path}.OnSuccess`, ['FAIL'], faults),
    onFailure: stage.OnFailure === undefined ? undefined : lowered(stage.OnFailure),
  };
}

function declareAction(action: any, path: string, faults: string[]): ActionDeclaration {
  known(action, ACTION, path, faults);
  const { Configuration, ActionTypeId, InputArtifacts, OutputArtifacts, ...rest } = action;
  for (const artifact of [...InputArtifacts ?? [], ...OutputArtifacts ?? []]) known(artifact, ['Name'], `${path}.Artifacts`, faults);
  const declared: ActionDeclaration = {
    ...lowered(rest),
    actionTypeId: lowered(ActionTypeId),
    runOrder: Number(action.RunOrder ?? 1),
    configuration: texts(Configuration),
    inputArtifacts: lowered(InputArtifacts ?? []),
    outputArtifacts: lowered(OutputArtifacts ?? []),
  };
  checkAction(declared, path, faults);
  return declared;
}

function conditions(holder: any, path: string, results: readonly string[], faults: string[]): { conditions: Condition[] } | undefined {
  if (holder === undefined) return undefined;
  return {
    conditions: (holder.Conditions as any[]).map((condition, index) => {
      const at = `${path}.Conditions[${index}]`;
      known(condition, ['Result', 'Rules'], at, faults);
      if (!results.includes(condition.Result)) faults.push(`${at}.Result is '${condition.Result}'; the twin implements ${results.join(' and ')} here`);
      const rules = (condition.Rules as any[]).map((rule, number) => {
        known(rule, RULE, `${at}.Rules[${number}]`, faults);
        const { Configuration, RuleTypeId, ...rest } = rule;
        return { ...lowered(rest), ruleTypeId: lowered(RuleTypeId), configuration: texts(Configuration) } as RuleDeclaration;
      });
      const declared: Condition = { result: condition.Result, rules };
      checkCondition(declared, at, faults);
      return declared;
    }),
  };
}

function checkAction(action: ActionDeclaration, path: string, faults: string[]): void {
  const provider = findProvider(action.actionTypeId);
  if (typeof provider === 'string') {
    faults.push(`${path}.ActionTypeId: ${provider}`);
    return;
  }
  for (const key of provider.required.filter((one) => !(one in action.configuration))) faults.push(`${path}.Configuration lacks ${key}`);
  for (const key of Object.keys(action.configuration)) {
    if (![...provider.required, ...provider.optional].includes(key)) {
      faults.push(`${path}.Configuration.${key} is not implemented by the twin for ${provider.provider}, which knows ${[...provider.required, ...provider.optional].join(', ')}`);
    }
    if (action.configuration[key] === '' || action.configuration[key]!.length > 1000) faults.push(`${path}.Configuration.${key} must have 1 to 1000 characters`);
  }
  count(action.inputArtifacts, provider.inputs, `${path}.InputArtifacts`, faults);
  count(action.outputArtifacts, provider.outputs, `${path}.OutputArtifacts`, faults);
  if (action.timeoutInMinutes !== undefined && !provider.configurableTimeout) faults.push(`${path}.TimeoutInMinutes can be set for a manual approval only`);
  for (const fault of provider.check?.(action.configuration) ?? []) faults.push(`${path}.Configuration.${fault}`);
}

/** What can only be seen across stages: sources first, artifacts made before they are used, namespaces before they are named. */
function checkWhole(pipeline: PipelineDeclaration, faults: string[]): void {
  if (pipeline.stages.length < 2) faults.push(`a pipeline has at least 2 stages, this one has ${pipeline.stages.length}`);
  if (pipeline.executionMode !== 'SUPERSEDED' && pipeline.pipelineType !== 'V2') faults.push(`ExecutionMode ${pipeline.executionMode} needs PipelineType V2`);
  if ((pipeline.artifactStore === undefined) === (pipeline.artifactStores === undefined)) faults.push('give either ArtifactStore or ArtifactStores');
  duplicates(pipeline.stages.map(({ name }) => name), 'stage', faults);
  const artifacts = new Set<string>();
  const namespaces = new Set<string>();
  pipeline.stages.forEach((stage, index) => {
    duplicates(stage.actions.map(({ name }) => name), `action of stage ${stage.name}`, faults);
    for (const { rules } of stage.beforeEntry?.conditions ?? []) {
      for (const rule of rules) for (const value of Object.values(rule.configuration)) checkReference(pipeline, namespaces, value, `rule ${rule.name}`, faults);
    }
    for (const order of [...new Set(stage.actions.map(({ runOrder }) => runOrder))].sort((a, b) => a - b)) {
      const group = stage.actions.filter(({ runOrder }) => runOrder === order);
      for (const action of group) {
        if ((action.actionTypeId.category === 'Source') !== (index === 0)) faults.push(`action ${action.name}: the first stage, and only it, holds source actions`);
        for (const { name } of action.inputArtifacts) if (!artifacts.has(name)) faults.push(`action ${action.name}: no action before it makes the artifact ${name}`);
        for (const value of Object.values(action.configuration)) checkReference(pipeline, namespaces, value, `action ${action.name}`, faults);
      }
      for (const action of group) {
        for (const { name } of action.outputArtifacts) {
          if (artifacts.has(name)) faults.push(`action ${action.name}: the artifact ${name} is made twice`);
          artifacts.add(name);
        }
        if (action.namespace !== undefined) namespaces.add(action.namespace);
      }
    }
  });
}

/** The twin knows pushes to branches; other filters would be passed over. */
function checkTriggers(triggers: readonly any[], faults: string[]): void {
  triggers.forEach((trigger, index) => {
    const path = `Triggers[${index}]`;
    known(trigger, ['ProviderType', 'GitConfiguration'], path, faults);
    known(trigger.GitConfiguration, ['SourceActionName', 'Push'], `${path}.GitConfiguration`, faults);
    for (const push of trigger.GitConfiguration?.Push ?? []) {
      known(push, ['Branches'], `${path}.GitConfiguration.Push`, faults);
      known(push.Branches, ['Includes', 'Excludes'], `${path}.GitConfiguration.Push.Branches`, faults);
    }
  });
}

function count(artifacts: readonly unknown[], [min, max]: readonly [number, number], path: string, faults: string[]): void {
  if (artifacts.length < min || artifacts.length > max) faults.push(`${path}: ${min} to ${max} are allowed, ${artifacts.length} are given`);
}

function duplicates(names: readonly string[], what: string, faults: string[]): void {
  for (const name of new Set(names.filter((one, index) => names.indexOf(one) !== index))) faults.push(`the name ${name} is given to more than one ${what}`);
}

function known(holder: any, allowed: readonly string[], path: string, faults: string[]): void {
  for (const key of Object.keys(holder ?? {})) if (!allowed.includes(key)) faults.push(`${path}.${key} is not implemented by the twin`);
}

function texts(configuration: Record<string, unknown> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(configuration ?? {}).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]));
}

/** CloudFormation writes members in PascalCase, the API in camelCase. */
function lowered(value: any): any {
  if (Array.isArray(value)) return value.map(lowered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.charAt(0).toLowerCase() + key.slice(1), lowered(inner)]));
}
