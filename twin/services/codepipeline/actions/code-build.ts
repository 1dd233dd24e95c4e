import { patiently } from '../patiently';
import type { Artifact } from '../state';
import { type ActionContext, ActionFailure, type ActionProvider } from './provider';

const POLL = 10_000;

/** Runs a build over the input artifacts; the project's role reads them and writes the outputs. */
export const codeBuild: ActionProvider = {
  category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1',
  required: ['ProjectName'], optional: ['PrimarySource', 'EnvironmentVariables'],
  inputs: [1, 5], outputs: [0, 5], timeoutMinutes: 8 * 60,

  async run(context) {
    const { world, caller, run } = context;
    const { build } = await patiently(world, { service: 'codebuild', operation: 'StartBuild', input: request(context), caller });
    run.externalExecutionId = build.id;
    // An abandoned action is left to itself, and so is its build.
    for (;;) {
      await context.pause(POLL);
      const { builds } = await patiently(world, { service: 'codebuild', operation: 'BatchGetBuilds', input: { ids: [build.id] }, caller });
      const [{ buildStatus, exportedEnvironmentVariables = [], phases = [] }] = builds;
      if (buildStatus === 'IN_PROGRESS') continue;
      if (buildStatus !== 'SUCCEEDED') throw new ActionFailure('JobFailed', `Build ${build.id} ended as ${buildStatus}${reason(phases)}`, build.id);
      return {
        externalExecutionId: build.id,
        outputVariables: Object.fromEntries(exportedEnvironmentVariables.map(({ name, value }: { name: string; value: string }) => [name, value])),
      };
    }
  },
};

function request({ pipeline, run, configuration, inputs, outputs }: ActionContext) {
  const primary = inputs.find(({ name }) => name === configuration.PrimarySource) ?? inputs[0]!;
  if (inputs.length > 1 && configuration.PrimarySource === undefined) {
    throw new ActionFailure('InvalidActionConfiguration', 'with several input artifacts PrimarySource must name one of them');
  }
  const [artifacts, ...secondary] = outputs;
  return {
    projectName: configuration.ProjectName,
    idempotencyToken: run.id,
    sourceTypeOverride: 'CODEPIPELINE',
    sourceLocationOverride: location(primary),
    secondarySourcesOverride: inputs.filter((input) => input !== primary).map((input) => ({ type: 'CODEPIPELINE', location: location(input), sourceIdentifier: input.name })),
    artifactsOverride: artifacts === undefined ? { type: 'NO_ARTIFACTS' } : target(artifacts),
    secondaryArtifactsOverride: secondary.map((output) => ({ ...target(output), artifactIdentifier: output.name })),
    environmentVariablesOverride: [
      ...JSON.parse(configuration.EnvironmentVariables ?? '[]') as object[],
      { name: 'CODEBUILD_INITIATOR', value: `codepipeline/${pipeline.name}`, type: 'PLAINTEXT' },
    ],
  };
}

function location({ bucket, key }: Artifact): string {
  return `${bucket}/${key}`;
}

function target({ bucket, key }: Artifact) {
  return { type: 'CODEPIPELINE', location: bucket, name: key, packaging: 'ZIP', namespaceType: 'NONE' };
}

/** What the failed phase said of itself. */
function reason(phases: ReadonlyArray<{ phaseType: string; phaseStatus?: string; contexts?: ReadonlyArray<{ message?: string }> }>): string {
  const failed = phases.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== 'SUCCEEDED' && phaseStatus !== 'IN_PROGRESS');
  const message = failed?.contexts?.map((context) => context.message).filter((text) => text !== undefined).join('; ');
  return failed === undefined ? '' : ` in phase ${failed.phaseType}${message ? `: ${message}` : ''}`;
}
