import type { StepFunctionsService } from '../../twin/services/step-functions';
import { MAX_STATE_BYTES } from '../../twin/services/step-functions/failure';
import type { Scan, ScaleScene } from './scene';

/** What one scan took. */
export interface ScanFigures {
  readonly status: string;
  /** Why it failed. */
  readonly reason?: string;
  /** Executions of shards that succeeded. */
  readonly shards: number;
  /** Largest input or output of a state, a task or an execution of this scan, and what Step Functions allows. */
  readonly peakStateBytes: number;
  readonly stateLimit: number;
  /** Calls of the scan's three functions and its workflow, by role and operation. */
  readonly calls: Readonly<Record<string, number>>;
  readonly virtualSeconds: number;
  readonly wallSeconds: number;
  /** Of the report. */
  readonly rows: number;
  readonly coverage: number;
}

/** Runs the scan that is due next, and measures it. */
export async function measureScan(scene: ScaleScene): Promise<ScanFigures & { readonly scan: Scan }> {
  const { twin } = scene.loop;
  const callsBefore = twin.record.length;
  const begun = performance.now();
  const scan = await scene.nextScan();
  const wallSeconds = (performance.now() - begun) / 1000;
  const { executions, mapRuns } = twin.service<StepFunctionsService>('states').state;
  const runs = new Set([...mapRuns.values()].filter(({ executionArn }) => executionArn === scan.executionArn).map(({ arn }) => arn));
  const own = [...executions.values()].filter(({ arn, mapRunArn }) => arn === scan.executionArn || (mapRunArn !== undefined && runs.has(mapRunArn)));
  const calls: Record<string, number> = {};
  for (const { caller, service, operation } of twin.record.slice(callsBefore)) {
    const part = caller.kind === 'role' ? /Monitor(Plan|Scan|Reduce|Workflow)Role/.exec(caller.roleArn)?.[1] : undefined;
    if (part !== undefined && service !== 'logs') calls[`${part} ${service}:${operation}`] = (calls[`${part} ${service}:${operation}`] ?? 0) + 1;
  }
  const { rows, coverage } = await scene.newestReport();
  return {
    scan, status: scan.status, ...(scan.error !== undefined && { reason: `${scan.error}: ${scan.cause}` }),
    shards: own.filter(({ mapRunArn, status }) => mapRunArn !== undefined && status === 'SUCCEEDED').length,
    peakStateBytes: own.reduce((peak, { history }) => Math.max(peak, ...history.flatMap(bytesOf)), 0), stateLimit: MAX_STATE_BYTES,
    calls, virtualSeconds: (own[0]!.stoppedAt!.getTime() - own[0]!.startedAt.getTime()) / 1000, wallSeconds, rows, coverage,
  };
}

/** Sizes of the data in an event of a history. */
function bytesOf(event: object): number[] {
  const details = Object.values(event).filter((value): value is Record<string, unknown> => typeof value === 'object' && value !== null);
  return details.flatMap((members) => ['input', 'output', 'parameters'].flatMap((name) => (
    typeof members[name] === 'string' ? [Buffer.byteLength(members[name])] : [])));
}
