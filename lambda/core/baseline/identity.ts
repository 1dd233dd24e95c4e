import { createHash } from 'node:crypto';
import { BaselineColumn, BaselineWindow, LearnedNull } from './baseline';

/** A column as JSON; edges as the doubles they are, since a decimal detour may move a value into the next bin. */
export interface ColumnDocument {
  readonly name: string;
  readonly type: BaselineColumn['type'];
  readonly edges?: string;
  readonly values?: readonly string[];
  readonly groups: readonly number[];
  readonly counts: readonly number[];
  readonly offsets?: readonly number[];
  readonly missing: number;
  readonly invalid: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
  readonly learnedNull?: LearnedNull;
  readonly rankError?: number;
  readonly provisional?: true;
}

export function columnDocument(column: BaselineColumn): ColumnDocument {
  const { name, type, bins, groups, counts, offsets, missing, invalid, min, max, mean, deviation, learnedNull, rankError, provisional } = column;
  return {
    name,
    type,
    ...(bins.kind === 'ordinal' ? { edges: encodeDoubles(bins.edges) } : { values: bins.values }),
    groups: [...groups],
    counts: [...counts],
    ...(bins.kind === 'ordinal' && { offsets: [...offsets] }),
    missing,
    invalid,
    min,
    max,
    mean,
    deviation,
    ...(learnedNull && { learnedNull }),
    ...(rankError !== undefined && { rankError }),
    ...(provisional && { provisional }),
  };
}

export function columnFromDocument(document: ColumnDocument): BaselineColumn {
  const counts = Float64Array.from(document.counts);
  const groups = Uint8Array.from(document.groups);
  return {
    name: document.name,
    type: document.type,
    bins: document.edges === undefined ? { kind: 'nominal', values: document.values ?? [] } : { kind: 'ordinal', edges: decodeDoubles(document.edges) },
    groups,
    groupCount: groups.reduce((most, group) => Math.max(most, group + 1), 0),
    counts,
    offsets: document.offsets ? Float64Array.from(document.offsets) : new Float64Array(counts.length),
    present: counts.reduce((a, b) => a + b, 0),
    missing: document.missing,
    invalid: document.invalid,
    min: document.min,
    max: document.max,
    mean: document.mean,
    deviation: document.deviation,
    ...(document.learnedNull && { learnedNull: document.learnedNull }),
    ...(document.rankError !== undefined && { rankError: document.rankError }),
    ...(document.provisional && { provisional: true }),
  };
}

/** A baseline's identity: SHA-256 of its content. Counts made under one identity are never mixed with another's. */
export function hashBaseline(content: { rows: number; window: BaselineWindow; columns: readonly BaselineColumn[] }): string {
  const { rows, window, columns } = content;
  const canonical = JSON.stringify([1, rows, window.lengthSeconds, window.cellSeconds, columns.map(columnDocument)]);
  return createHash('sha256').update(canonical).digest('hex');
}

function encodeDoubles(doubles: Float64Array): string {
  const bytes = Buffer.alloc(doubles.length * 8);
  doubles.forEach((double, i) => bytes.writeDoubleLE(double, i * 8));
  return bytes.toString('base64');
}

function decodeDoubles(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  return Float64Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8));
}
