import type { GateRules } from '../../lib/training/judge-candidate.contract';
import { binaryLabel, type AnswerTask, type Evaluation, type MetricValue } from '../core';

/** What the hold-out can be measured by; undefined for labels that are neither classes 1 and 0 nor numbers, under a gate on a metric of the project's own. */
export function taskOf({ task }: Pick<GateRules, 'task'>, labels: readonly string[]): AnswerTask | undefined {
  if (task !== 'any') return task;
  if (labels.every(isBinary)) return new Set(labels.map((label) => binaryLabel(label, ''))).size === 2 ? 'binary-classification' : undefined;
  return labels.every((label) => label !== '' && Number.isFinite(Number(label))) ? 'regression' : undefined;
}

function isBinary(label: string): boolean {
  return /^(?:[01](?:\.0)?|true|false)$/i.test(label);
}

/** `evaluation.json` as the registry keeps it: what the judge has measured, and apart from it what the project says of itself. */
export function evaluationDocument({ metrics, rows }: Evaluation, custom: Readonly<Record<string, MetricValue>>): unknown {
  return {
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, { value, standardDeviation, replicates }]) => [name, { value, standard_deviation: standardDeviation, replicates }])),
    rows,
    ...(Object.keys(custom).length > 0 && { custom: Object.fromEntries(Object.entries(custom).map(([name, { value }]) => [name, { value }])) }),
  };
}
