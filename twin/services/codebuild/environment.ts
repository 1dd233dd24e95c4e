import { containerCredentials } from '../../jobs/container-credentials';
import type { Principal } from '../../service';
import type { World } from '../../world';
import type { Build } from './build';
import type { BuildSpec } from './buildspec';
import { BuildSpecError } from './buildspec';

/** What a build's commands find in their environment: nothing of this process's but the PATH. */
export async function environmentOf(
  world: World, build: Build, spec: BuildSpec, role: Principal, folders: { readonly home: string; readonly source: string },
): Promise<Record<string, string>> {
  const { settings } = build;
  const own: Record<string, string> = {
    HOME: folders.home, TMPDIR: folders.home, LANG: 'C.UTF-8', TZ: 'UTC', CI: 'true',
    CODEBUILD_BUILD_ARN: build.arn, CODEBUILD_BUILD_ID: build.id, CODEBUILD_BUILD_NUMBER: String(build.number), CODEBUILD_BUILD_IMAGE: settings.environment.image,
    CODEBUILD_INITIATOR: build.initiator, CODEBUILD_KMS_KEY_ID: settings.encryptionKey ?? world.arn('kms', 'alias/aws/s3'), CODEBUILD_LOG_PATH: build.log?.streamName ?? '',
    CODEBUILD_SOURCE_REPO_URL: '', CODEBUILD_SOURCE_VERSION: settings.sourceVersion ?? (settings.source.location === undefined ? '' : world.arn('s3', settings.source.location, '', '')),
    CODEBUILD_SRC_DIR: folders.source, CODEBUILD_START_TIME: String(build.startTime.getTime()), CODEBUILD_PROJECT_ARN: build.project.arn,
    ...Object.fromEntries((settings.secondarySources as Array<{ sourceIdentifier: string }>).map(({ sourceIdentifier: id }) => [`CODEBUILD_SRC_DIR_${id}`, `${folders.home}/${id}`])),
    ...await containerCredentials(world, role),
  };
  // What starts a build overrides the project, and both override the buildspec.
  return { ...spec.variables, ...await parameters(world, role, spec.parameters), ...await given(world, role, settings.environment.environmentVariables), ...own };
}

async function given(world: World, role: Principal, variables: ReadonlyArray<{ name: string; value: string; type?: string }>): Promise<Record<string, string>> {
  const secret = variables.find(({ type }) => type === 'SECRETS_MANAGER');
  if (secret !== undefined) throw new BuildSpecError(`the twin does not read the variable ${secret.name} from Secrets Manager; use PLAINTEXT or PARAMETER_STORE`);
  const stored = Object.fromEntries(variables.filter(({ type }) => type === 'PARAMETER_STORE').map(({ name, value }) => [name, value]));
  const plain = Object.fromEntries(variables.filter(({ type }) => type !== 'PARAMETER_STORE').map(({ name, value }) => [name, value]));
  return { ...plain, ...await parameters(world, role, stored) };
}

async function parameters(world: World, role: Principal, byVariable: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const names = [...new Set(Object.values(byVariable))];
  if (names.length === 0) return {};
  const { Parameters: found = [] } = await world.call({ service: 'ssm', operation: 'GetParameters', input: { Names: names, WithDecryption: true }, caller: role });
  const values = new Map((found as Array<{ Name: string; Value: string }>).map(({ Name, Value }) => [Name, Value]));
  return Object.fromEntries(Object.entries(byVariable).map(([variable, name]) => {
    const value = values.get(name);
    if (value === undefined) throw new BuildSpecError(`Parameter ${name} of variable ${variable} does not exist`);
    return [variable, value];
  }));
}
