import { ActionFailure } from './actions/provider';
import type { PipelineDeclaration } from './declaration';
import type { PipelineExecution } from './state';

const REFERENCE = /#\{([^{}]+)\}/g;
const MAX_VALUE = 1000;

/** Names in `text` of the form `#{namespace.name}`, as pairs. */
export function referencesIn(text: string): Array<{ readonly namespace: string; readonly name: string }> {
  return [...text.matchAll(REFERENCE)].map(([, inner]) => {
    const dot = inner!.indexOf('.');
    return { namespace: dot < 0 ? inner! : inner!.slice(0, dot), name: dot < 0 ? '' : inner!.slice(dot + 1) };
  });
}

/** Namespaces that a reference in this stage can reach: those of earlier stages and of earlier actions of its own. */
export function checkReference(pipeline: PipelineDeclaration, known: ReadonlySet<string>, text: string, path: string, faults: string[]): void {
  for (const { namespace, name } of referencesIn(text)) {
    if (namespace === 'codepipeline') {
      if (name !== 'PipelineExecutionId') faults.push(`${path}: #{codepipeline.${name}} is not known, only #{codepipeline.PipelineExecutionId}`);
    } else if (namespace === 'variables') {
      if (!pipeline.variables.some((variable) => variable.name === name)) faults.push(`${path}: the pipeline declares no variable '${name}'`);
    } else if (!known.has(namespace)) {
      faults.push(`${path}: no action before this one has the namespace '${namespace}'`);
    }
  }
}

/** Values with their references replaced; a value must then still be one to a thousand characters. */
export function resolveConfiguration(
  configuration: Readonly<Record<string, string>>, execution: PipelineExecution, maximum = MAX_VALUE,
): Record<string, string> {
  return Object.fromEntries(Object.entries(configuration).map(([key, text]) => {
    const value = resolve(text, execution);
    if (value.length > maximum) {
      throw new ActionFailure('InvalidActionConfiguration', `the value of ${key} has ${value.length} characters after its variables are resolved; at most ${maximum} are allowed`);
    }
    return [key, value];
  }));
}

export function resolve(text: string, execution: PipelineExecution): string {
  return text.replace(REFERENCE, (whole, inner: string) => {
    const dot = inner.indexOf('.');
    const namespace = inner.slice(0, dot);
    const name = inner.slice(dot + 1);
    const value = namespace === 'codepipeline' ? (name === 'PipelineExecutionId' ? execution.id : undefined)
      : namespace === 'variables' ? execution.variables[name]
        : execution.namespaces.get(namespace)?.[name];
    if (value === undefined) throw new ActionFailure('InvalidActionConfiguration', `the variable ${whole} could not be resolved: no action of this execution has given it a value`);
    return value;
  });
}
