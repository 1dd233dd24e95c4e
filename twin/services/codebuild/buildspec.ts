import { parse } from 'yaml';

/** A buildspec is not as it should be; the phase that read it fails with this. */
export class BuildSpecError extends Error {}

export const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;
export type PhaseName = typeof PHASES[number];

export interface Phase {
  readonly commands: readonly string[];
  readonly finally: readonly string[];
  /** Undefined unless the buildspec says it: a failed `build` by itself still has its `post_build`. */
  readonly onFailure?: 'ABORT' | 'CONTINUE';
}

export interface ArtifactSpec {
  readonly files: readonly string[];
  readonly baseDirectory: string;
  readonly discardPaths: boolean;
  readonly excludePaths: readonly string[];
  readonly name?: string;
}

export interface BuildSpec {
  readonly shell: 'sh' | 'bash';
  readonly variables: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly exported: readonly string[];
  readonly phases: Readonly<Record<PhaseName, Phase>>;
  readonly artifacts?: ArtifactSpec;
  readonly secondaryArtifacts: Readonly<Record<string, ArtifactSpec>>;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- what a user wrote, checked key by key */

const known = (where: string, object: any, keys: readonly string[]): void => {
  const unknown = Object.keys(object ?? {}).filter((key) => !keys.includes(key));
  if (unknown.length > 0) throw new BuildSpecError(`the twin does not implement ${unknown.join(', ')} in ${where} of a buildspec; it knows ${keys.join(', ')}`);
};

/** Reads YAML or JSON. What the twin does not do is refused by name. */
export function parseBuildSpec(text: string): BuildSpec {
  let spec: any;
  try {
    spec = parse(text);
  } catch (error) {
    throw new BuildSpecError(`YAML_FILE_ERROR: ${(error as Error).message}`);
  }
  if (typeof spec !== 'object' || spec === null) throw new BuildSpecError('YAML_FILE_ERROR: the buildspec is empty');
  if (String(spec.version) !== '0.2') throw new BuildSpecError(`YAML_FILE_ERROR: Invalid buildspec: version ${spec.version} is not 0.2`);
  known('the top', spec, ['version', 'env', 'phases', 'artifacts', 'cache']);
  known('env', spec.env, ['shell', 'variables', 'parameter-store', 'exported-variables']);
  known('phases', spec.phases, PHASES);
  const shell = spec.env?.shell ?? 'sh';
  if (!['sh', 'bash', '/bin/sh'].includes(shell)) throw new BuildSpecError(`the twin does not run builds with the shell ${shell}; it knows sh and bash`);
  return {
    shell: shell === 'bash' ? 'bash' : 'sh',
    variables: strings(spec.env?.variables),
    parameters: strings(spec.env?.['parameter-store']),
    exported: spec.env?.['exported-variables'] ?? [],
    phases: Object.fromEntries(PHASES.map((name) => [name, phase(name, spec.phases?.[name])])) as Record<PhaseName, Phase>,
    ...(spec.artifacts?.files !== undefined ? { artifacts: artifact('artifacts', spec.artifacts, ['secondary-artifacts']) } : {}),
    secondaryArtifacts: Object.fromEntries(Object.entries(spec.artifacts?.['secondary-artifacts'] ?? {}).map(([name, value]) => [name, artifact(`artifact ${name}`, value)])),
  };
}

function phase(name: string, value: any): Phase {
  known(`phase ${name}`, value, ['commands', 'finally', 'on-failure', 'runtime-versions', 'run-as']);
  const onFailure = value?.['on-failure'];
  if (onFailure !== undefined && !['ABORT', 'CONTINUE'].includes(onFailure)) throw new BuildSpecError(`the twin does not implement on-failure ${onFailure} of phase ${name}; it knows ABORT and CONTINUE`);
  const commands = [value?.commands ?? []].flat().map(String);
  const finals = [value?.finally ?? []].flat().map(String);
  if (value !== undefined && value !== null && commands.length === 0 && value['runtime-versions'] === undefined) {
    throw new BuildSpecError(`YAML_FILE_ERROR: the phase ${name} should have commands`);
  }
  return { commands, finally: finals, onFailure };
}

function artifact(where: string, value: any, more: readonly string[] = []): ArtifactSpec {
  known(where, value, ['files', 'name', 'discard-paths', 'base-directory', 'exclude-paths', ...more]);
  return {
    files: [value.files ?? []].flat().map(String), baseDirectory: value['base-directory'] ?? '.', discardPaths: ['yes', true, 'true'].includes(value['discard-paths']),
    excludePaths: [value['exclude-paths'] ?? []].flat().map(String), ...(value.name !== undefined ? { name: String(value.name) } : {}),
  };
}

function strings(value: any): Record<string, string> {
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, item]) => [key, String(item)]));
}
