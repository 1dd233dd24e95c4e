import { AwsError } from '../../service';
import type { World } from '../../world';
import { ActionFailure } from './actions/provider';
import type { ActionRun, CodePipelineState, Pipeline, PipelineExecution } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the API */
/** What a worker reported. */
export type JobReport =
  | { readonly kind: 'success'; readonly continuationToken?: string; readonly outputVariables: Readonly<Record<string, string>>; readonly summary?: string; readonly externalExecutionId?: string }
  | { readonly kind: 'failure'; readonly failure: ActionFailure };

/** One piece of work handed to a function. A continued action gets a new job each time. */
export interface Job {
  readonly id: string;
  readonly data: any;
  readonly run: ActionRun;
  readonly pipeline: Pipeline;
  readonly execution: PipelineExecution;
  open: boolean;
  report(report: JobReport): void;
}

const MAX_VARIABLES_BYTES = 122_880;

/** Jobs by id, as long as anybody may still report on them. */
export class Jobs {
  constructor(private readonly world: World, private readonly state: CodePipelineState) {}

  /** Opens a job; the promise is its report. */
  open(pipeline: Pipeline, execution: PipelineExecution, run: ActionRun, data: any): { job: Job; report: Promise<JobReport> } {
    let settle!: (report: JobReport) => void;
    const report = new Promise<JobReport>((resolve) => { settle = resolve; });
    const job: Job = { id: this.world.random.uuid(), data, run, pipeline, execution, open: true, report: settle };
    this.state.jobs.set(job.id, job);
    return { job, report };
  }

  get(id: string): Job {
    const job = this.state.jobs.get(id);
    if (job === undefined) throw new AwsError('JobNotFoundException', `The job was not found: ${id}`);
    return job;
  }

  /** A late or repeated report is refused, as is one for an action that has ended meanwhile. */
  report(id: string, report: JobReport): void {
    const job = this.get(id);
    if (!job.open || job.run.status !== 'InProgress') {
      throw new AwsError('InvalidJobStateException', `Cannot update job ${id}: it has already been completed or timed out`);
    }
    if (report.kind === 'success') checkReport(report);
    job.open = false;
    job.report(report);
  }
}

function checkReport({ continuationToken, outputVariables }: Extract<JobReport, { kind: 'success' }>): void {
  if (continuationToken !== undefined && Object.keys(outputVariables).length > 0) {
    throw new AwsError('ValidationException', 'Output variables can be given only with the final result, not with a continuation token');
  }
  if (Buffer.byteLength(JSON.stringify(outputVariables)) > MAX_VARIABLES_BYTES) {
    throw new AwsError('OutputVariablesSizeExceededException', `The total size of the output variables exceeds ${MAX_VARIABLES_BYTES} bytes`);
  }
}
