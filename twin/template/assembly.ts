import { existsSync, readFileSync } from 'fs';
import { join } from 'path';
import { readTemplate, type Template } from './template';

/** A file or directory that `cdk deploy` uploads before it creates the stack. */
export interface FileAsset {
  readonly id: string;
  readonly sourcePath: string;
  readonly packaging: 'file' | 'zip';
  /** With placeholders for partition, account and region. */
  readonly bucketName: string;
  readonly objectKey: string;
}

export interface StackArtifact {
  readonly artifactId: string;
  readonly stackName: string;
  readonly template: Template;
  readonly tags: Readonly<Record<string, string>>;
  /** Values that the app itself gives to parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly assets: readonly FileAsset[];
  /** For example `hnb659fds`; undefined for a stack that needs no bootstrapped environment. */
  readonly bootstrapQualifier?: string;
}

export interface Assembly {
  readonly directory: string;
  /** Every stack after those it depends on. */
  readonly stacks: readonly StackArtifact[];
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly properties?: {
    readonly templateFile?: string; readonly stackName?: string; readonly file?: string; readonly directoryName?: string;
    readonly tags?: Readonly<Record<string, string>>; readonly parameters?: Readonly<Record<string, string>>;
    readonly bootstrapStackVersionSsmParameter?: string;
  };
}

type Artifacts = Readonly<Record<string, Artifact>>;

/** Reads a synthesized cloud assembly (`cdk.out`), stages included. */
export function readAssembly(directory: string): Assembly {
  return { directory, stacks: stacksIn(directory) };
}

function stacksIn(directory: string): StackArtifact[] {
  const manifest = join(directory, 'manifest.json');
  if (!existsSync(manifest)) throw new Error(`${directory} holds no manifest.json; give the output directory of \`cdk synth\``);
  const { artifacts = {} } = readJson(manifest) as { artifacts?: Artifacts };
  return inOrder(artifacts).flatMap((id) => {
    const artifact = artifacts[id]!;
    if (artifact.type === 'aws:cloudformation:stack') return [stackOf(id, artifact, artifacts, directory)];
    if (artifact.type === 'cdk:cloud-assembly') return stacksIn(join(directory, artifact.properties!.directoryName!));
    return [];
  });
}

function stackOf(id: string, artifact: Artifact, artifacts: Artifacts, directory: string): StackArtifact {
  const properties = artifact.properties ?? {};
  const parameter = properties.bootstrapStackVersionSsmParameter;
  return {
    artifactId: id,
    stackName: properties.stackName ?? id,
    template: readTemplate(readJson(join(directory, properties.templateFile!))),
    tags: properties.tags ?? {},
    parameters: properties.parameters ?? {},
    assets: (artifact.dependencies ?? [])
      .filter((name) => artifacts[name]?.type === 'cdk:asset-manifest')
      .flatMap((name) => assetsOf(join(directory, artifacts[name]!.properties!.file!), directory)),
    bootstrapQualifier: parameter === undefined ? undefined : /^\/cdk-bootstrap\/([^/]+)\/version$/.exec(parameter)?.[1],
  };
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, {
    readonly source: { readonly path?: string; readonly packaging?: 'file' | 'zip'; readonly executable?: readonly string[] };
    readonly destinations: Readonly<Record<string, { readonly bucketName: string; readonly objectKey: string }>>;
  }>>;
  readonly dockerImages?: Readonly<Record<string, { readonly displayName?: string }>>;
}

function assetsOf(file: string, directory: string): FileAsset[] {
  const manifest = readJson(file) as AssetManifest;
  const image = Object.entries(manifest.dockerImages ?? {})[0];
  if (image) {
    throw new Error(`${file}: docker image asset ${image[1].displayName ?? image[0]} is not supported; `
      + 'the twin has no Docker, let a CodeBuild project of the stack build the image');
  }
  return Object.entries(manifest.files ?? {}).flatMap(([id, asset]) => {
    const { path, packaging = 'file', executable } = asset.source;
    if (path === undefined || executable) throw new Error(`${file}: asset ${id} is made by a command, which is not supported; use a file or a directory`);
    return Object.values(asset.destinations)
      .map(({ bucketName, objectKey }) => ({ id, sourcePath: join(directory, path), packaging, bucketName, objectKey }));
  });
}

/** Artifacts after those they depend on, otherwise as the manifest lists them. */
function inOrder(artifacts: Artifacts): string[] {
  const order = new Set<string>();
  const visit = (id: string): void => {
    if (order.has(id) || artifacts[id] === undefined) return;
    for (const dependency of artifacts[id].dependencies ?? []) visit(dependency);
    order.add(id);
  };
  Object.keys(artifacts).forEach(visit);
  return [...order];
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
