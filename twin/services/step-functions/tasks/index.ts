import { checkFields, type Definition, type Json, type State } from '../definition';
import { StateFailure } from '../failure';
import { findIntegration, type Integration, withJsonText } from './integrations';
import { invokeFunction, withoutTemplates } from './lambda';
import { parseResource } from './resource';
import { toRequest, toStateData, unknownParameters } from './shapes';
import { waitForJob } from './sync';
import { callAs, type Task } from './task';

const LAMBDA_PARAMETERS = ['FunctionName', 'Payload', 'InvocationType', 'Qualifier', 'ClientContext', 'LogType'];

/** Refuses at creation what could not run, as Step Functions does. */
export function checkTask(state: State, path: string, faults: string[]): void {
  const resource = parseResource(String(state.Resource));
  if (resource === undefined) {
    faults.push(`SCHEMA_VALIDATION_FAILED: the resource "${state.Resource}" is not a Lambda function, an integration or an aws-sdk call at ${path}/Resource`);
    return;
  }
  if ('HeartbeatSeconds' in state && resource.pattern !== 'waitForTaskToken') {
    faults.push(`SCHEMA_VALIDATION_FAILED: HeartbeatSeconds has its effect only with .waitForTaskToken, at ${path}/HeartbeatSeconds`);
  }
  if (resource.kind === 'function') return;
  const integration = findIntegration(resource);
  if (typeof integration === 'string') {
    faults.push(`SCHEMA_VALIDATION_FAILED: ${integration} at ${path}/Resource`);
    return;
  }
  if (resource.kind === 'optimized' && resource.service === 'lambda') {
    checkFields(withoutTemplates(state.Parameters ?? {}), LAMBDA_PARAMETERS, `${path}/Parameters`, faults);
    return;
  }
  const parameters = withJsonText(state.Parameters ?? {}, integration.jsonText);
  for (const unknown of unknownParameters(integration.operation, parameters, `${path}/Parameters`)) {
    faults.push(`SCHEMA_VALIDATION_FAILED: The field "${unknown.split('/').pop()}" is not supported by Step Functions at ${unknown}`);
  }
  if (resource.pattern === 'waitForTaskToken' && !JSON.stringify(state.Parameters ?? {}).includes('$$.Task.Token')) {
    faults.push(`SCHEMA_VALIDATION_FAILED: no field takes its value from "$$.Task.Token" at ${path}/Parameters`);
  }
}

/** The EventBridge rules Step Functions needs to hear of the jobs that a definition waits for. */
export function managedRulesOf(definition: Definition): string[] {
  const rules = new Set<string>();
  for (const state of Object.values(definition.States)) {
    const resource = parseResource(String(state.Resource));
    if (resource !== undefined && resource.kind !== 'function' && resource.pattern.startsWith('sync')) {
      const integration = findIntegration(resource);
      if (typeof integration !== 'string' && integration.job !== undefined) rules.add(integration.job.managedRule);
    }
    const inner = [...((state.Branches ?? []) as Definition[]), state.ItemProcessor, state.Iterator].filter((one) => one !== undefined) as Definition[];
    for (const sequence of inner) for (const rule of managedRulesOf(sequence)) rules.add(rule);
  }
  return [...rules];
}

export async function runTask(state: State, task: Task): Promise<Json> {
  const resource = parseResource(String(state.Resource))!;
  if (resource.kind === 'function') return invokeFunction(task, { FunctionName: resource.functionName, Payload: task.parameters }, 'payload');
  const integration = findIntegration(resource) as Integration;
  const told = resource.pattern === 'waitForTaskToken' ? task.callback() : undefined;
  // Nobody may be listening yet when the callback fails.
  told?.catch(() => {});
  const answer = integration.operation.service.signingName === 'lambda' && resource.kind === 'optimized'
    ? await invokeFunction(task, task.parameters, 'response')
    : await callService(integration, task, resource.pattern);
  return told ?? answer;
}

async function callService(integration: Integration, task: Task, pattern: string): Promise<Json> {
  const { operation, job } = integration;
  const input = toRequest(operation, withJsonText(task.parameters, integration.jsonText));
  if (operation.name === 'PutEvents') {
    for (const entry of input.Entries ?? []) entry.Resources = [...(entry.Resources ?? []), task.executionArn, task.stateMachineArn];
  }
  if (job !== undefined && pattern.startsWith('sync')) return waitForJob(integration, job, task, input, pattern);
  const output = await callAs(integration, task, operation.name, input);
  if (operation.name === 'PutEvents' && output.FailedEntryCount > 0) throw new StateFailure('EventBridge.FailedEntry', JSON.stringify(output));
  return toStateData(operation, output, integration.timestamps);
}
