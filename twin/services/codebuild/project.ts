import { AwsError } from '../../service';
import type { World } from '../../world';

/* eslint-disable @typescript-eslint/no-explicit-any -- projects as the service's model has them */

export interface Project {
  readonly name: string;
  readonly arn: string;
  readonly created: Date;
  lastModified: Date;
  /** In the API's spelling. */
  settings: any;
  /** Counts its builds. */
  builds: number;
}

/** What the twin does not do with a project, refused when the project is made rather than when it first builds. */
const REFUSED: ReadonlyArray<readonly [path: string, allowed: readonly string[]]> = [
  ['source.type', ['CODEPIPELINE', 'NO_SOURCE', 'S3']],
  ['artifacts.type', ['CODEPIPELINE', 'NO_ARTIFACTS', 'S3']],
  ['environment.type', ['LINUX_CONTAINER', 'ARM_CONTAINER', 'LINUX_GPU_CONTAINER']],
  ['cache.type', ['NO_CACHE', 'LOCAL']],
  ['logsConfig.s3Logs.status', ['DISABLED']],
];

/** CloudFormation's properties in the API's spelling, checked. */
export function settingsOf(properties: Record<string, unknown>): any {
  const settings = camel(properties);
  for (const [path, allowed] of REFUSED) {
    const value = path.split('.').reduce<any>((object, key) => object?.[key], settings);
    if (value !== undefined && !allowed.includes(value)) {
      throw new AwsError('InvalidInputException', `the twin does not build projects with ${path} ${value}; it knows ${allowed.join(', ')}`);
    }
  }
  return {
    ...settings,
    timeoutInMinutes: Number(settings.timeoutInMinutes ?? 60),
    queuedTimeoutInMinutes: Number(settings.queuedTimeoutInMinutes ?? 480),
    cache: settings.cache ?? { type: 'NO_CACHE' },
    environment: { ...settings.environment, privilegedMode: settings.environment.privilegedMode === true || settings.environment.privilegedMode === 'true' },
  };
}

export function describeProject(project: Project, world: World): any {
  const { settings } = project;
  return {
    ...settings, name: project.name, arn: project.arn, created: project.created, lastModified: project.lastModified,
    encryptionKey: settings.encryptionKey ?? world.arn('kms', 'alias/aws/s3'), badge: { badgeEnabled: false },
  };
}

export function findProject(projects: ReadonlyMap<string, Project>, name: string, world: World): Project {
  const project = projects.get(name.replace(/^arn:.*:project\//, ''));
  if (project === undefined) throw new AwsError('ResourceNotFoundException', `Project cannot be found: ${world.arn('codebuild', `project/${name}`)}`);
  return project;
}

/** `BuildSpec` is the one name that is not simply lower-cased at its front. */
function camel(value: unknown): any {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [
    key === 'BuildSpec' ? 'buildspec' : key === 'Tags' ? 'tags' : key.charAt(0).toLowerCase() + key.slice(1), camel(item),
  ]));
}
