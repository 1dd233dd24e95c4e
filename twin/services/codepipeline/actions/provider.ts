import type { Principal } from '../../../service';
import type { World } from '../../../world';
import type { ArtifactStore } from '../artifacts';
import type { Connections } from '../connections';
import type { Jobs } from '../jobs';
import type { ActionRun, Artifact, Pipeline, PipelineExecution, SourceRevision } from '../state';

/** Why an action failed: a code of CodePipeline's and a sentence for people. */
export class ActionFailure extends Error {
  constructor(readonly code: string, message: string, readonly externalExecutionId?: string) {
    super(message);
    this.name = code;
  }
}

/** One run of an action, as its provider sees it. */
export interface ActionContext {
  readonly world: World;
  readonly pipeline: Pipeline;
  readonly execution: PipelineExecution;
  readonly run: ActionRun;
  /** The action's role. */
  readonly caller: Principal;
  /** With all variables resolved. */
  readonly configuration: Readonly<Record<string, string>>;
  readonly inputs: readonly Artifact[];
  readonly outputs: readonly Artifact[];
  /** What whoever started the execution asked of this source action. */
  readonly revisions: readonly SourceRevision[];
  readonly artifacts: ArtifactStore;
  readonly jobs: Jobs;
  readonly connections: Connections;
  /** Sleeps in virtual time; an abandoned run never wakes. */
  pause(milliseconds: number): Promise<void>;
  onAbandon(cancel: () => void): void;
}

export interface ActionResult {
  readonly outputVariables?: Readonly<Record<string, string>>;
  readonly summary?: string;
  readonly externalExecutionId?: string;
}

export interface ActionProvider {
  readonly category: string;
  readonly owner: string;
  readonly provider: string;
  readonly version: string;
  /** Configuration keys this provider honours; any other is refused by name. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly inputs: readonly [min: number, max: number];
  readonly outputs: readonly [min: number, max: number];
  /** After which CodePipeline gives up. */
  readonly timeoutMinutes: number;
  /** Only where the declaration may change it. */
  readonly configurableTimeout?: boolean;
  /** Faults of a configuration that can be seen when the pipeline is created. */
  check?(configuration: Readonly<Record<string, string>>): string[];
  run(context: ActionContext): Promise<ActionResult>;
}
