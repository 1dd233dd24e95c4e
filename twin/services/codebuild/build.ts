import type { Project } from './project';

/* eslint-disable @typescript-eslint/no-explicit-any -- builds as the service's model has them */

export type BuildStatus = 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'FAULT' | 'TIMED_OUT' | 'STOPPED';

export interface BuildPhase {
  readonly phaseType: string;
  phaseStatus?: BuildStatus;
  readonly startTime: Date;
  endTime?: Date;
  durationInSeconds?: number;
  contexts?: Array<{ statusCode: string; message: string }>;
}

export interface Build {
  readonly id: string;
  readonly arn: string;
  readonly number: number;
  readonly project: Project;
  /** The project's settings with the overrides of this build. */
  readonly settings: any;
  readonly initiator: string;
  readonly startTime: Date;
  endTime?: Date;
  status: BuildStatus;
  readonly phases: BuildPhase[];
  exported: Array<{ name: string; value: string }>;
  log?: { groupName: string; streamName: string };
  artifactLocation?: string;
  stopRequested: boolean;
  readonly idempotencyToken?: string;
}

/** Settings of a build: what StartBuild overrides, over the project's. */
export function overridden(settings: any, input: any): any {
  const environment = { ...settings.environment };
  if (input.environmentTypeOverride !== undefined) environment.type = input.environmentTypeOverride;
  if (input.imageOverride !== undefined) environment.image = input.imageOverride;
  if (input.computeTypeOverride !== undefined) environment.computeType = input.computeTypeOverride;
  if (input.privilegedModeOverride !== undefined) environment.privilegedMode = input.privilegedModeOverride;
  const variables = new Map<string, any>([...(environment.environmentVariables ?? []), ...(input.environmentVariablesOverride ?? [])].map((variable) => [variable.name, variable]));
  return {
    ...settings,
    source: {
      ...settings.source, type: input.sourceTypeOverride ?? settings.source.type, location: input.sourceLocationOverride ?? settings.source.location,
      buildspec: input.buildspecOverride ?? settings.source.buildspec,
    },
    sourceVersion: input.sourceVersion ?? settings.sourceVersion,
    secondarySources: input.secondarySourcesOverride ?? settings.secondarySources ?? [],
    artifacts: input.artifactsOverride ?? settings.artifacts,
    secondaryArtifacts: input.secondaryArtifactsOverride ?? settings.secondaryArtifacts ?? [],
    environment: { ...environment, environmentVariables: [...variables.values()] },
    serviceRole: input.serviceRoleOverride ?? settings.serviceRole,
    encryptionKey: input.encryptionKeyOverride ?? settings.encryptionKey,
    logsConfig: input.logsConfigOverride ?? settings.logsConfig,
    timeoutInMinutes: input.timeoutInMinutesOverride ?? settings.timeoutInMinutes,
  };
}

export function currentPhase(build: Build): string {
  return build.phases.at(-1)?.phaseType ?? 'SUBMITTED';
}

export function describeBuild(build: Build): any {
  const { settings } = build;
  const ended = build.endTime !== undefined;
  return {
    id: build.id, arn: build.arn, buildNumber: build.number, projectName: build.project.name, initiator: build.initiator,
    startTime: build.startTime, ...(ended ? { endTime: build.endTime } : {}), buildComplete: ended, buildStatus: build.status,
    currentPhase: currentPhase(build), phases: build.phases,
    source: settings.source, secondarySources: settings.secondarySources, ...(settings.sourceVersion !== undefined ? { sourceVersion: settings.sourceVersion } : {}),
    artifacts: { location: build.artifactLocation ?? '' }, cache: settings.cache, environment: settings.environment, serviceRole: settings.serviceRole,
    timeoutInMinutes: settings.timeoutInMinutes, queuedTimeoutInMinutes: settings.queuedTimeoutInMinutes,
    ...(settings.encryptionKey !== undefined ? { encryptionKey: settings.encryptionKey } : {}),
    ...(settings.vpcConfig !== undefined ? { vpcConfig: settings.vpcConfig } : {}),
    ...(build.log !== undefined ? { logs: { ...build.log, cloudWatchLogs: { status: 'ENABLED', ...build.log } } } : {}),
    exportedEnvironmentVariables: build.exported,
  };
}
