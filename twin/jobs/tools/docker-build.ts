import * as fs from 'node:fs';
import * as path from 'node:path';
import { BuildContext } from '../build-context';
import { buildImage } from '../build-image';
import { DockerError, parseDockerfile } from '../dockerfile';
import type { Image } from '../image';
import type { ImageIndex } from '../image-index';
import { attested } from '../image-index';
import type { ToolCall } from './tool';
import { parseOptions, ToolError } from './tool';

/** An image in Docker's store; with attestations it is pushed as an index. */
export interface BuiltImage {
  readonly image: Image;
  readonly index?: ImageIndex;
}

export interface Build extends BuiltImage {
  readonly tags: readonly string[];
  readonly quiet: boolean;
  readonly push: boolean;
}

/**
 * `docker build` of Docker 29 with its containerd image store and BuildKit 0.31: provenance is attached unless it is switched
 * off, and with attestations an image has OCI media types, whatever was asked. Without them it has OCI's, unless the exporter is told
 * `oci-mediatypes=false` (moby/buildkit#6824). Older Dockers push Docker's media types and no index in any case.
 */
export function build(args: readonly string[], call: ToolCall, defaults: { readonly architecture: string; readonly base: (reference: string) => Image | undefined }): Build {
  const { options, rest } = parseOptions(args, {
    values: {
      '-t': 'tag', '--tag': 'tag', '-f': 'file', '--file': 'file', '--build-arg': 'build-arg', '--platform': 'platform', '--label': 'label',
      '--progress': 'progress', '--cache-from': 'cache-from', '--network': 'network', '-o': 'output', '--output': 'output', '--attest': 'attest',
    },
    flags: ['--no-cache', '--pull', '-q', '--quiet', '--rm', '--provenance', '--sbom', '--load', '--push'],
  }, (option) => new ToolError(`unknown flag: ${option}\nthe twin does not implement docker build ${option}`, 125));
  if (rest.length !== 1) throw new ToolError(`ERROR: "docker build" requires exactly 1 argument, ${rest.length} are given`);
  const folder = path.resolve(call.cwd, rest[0]!);
  if (!fs.existsSync(folder)) throw new ToolError(`ERROR: unable to prepare context: path "${rest[0]}" not found`);
  const file = path.resolve(call.cwd, options.get('file')?.[0] ?? path.join(folder, 'Dockerfile'));
  if (!fs.existsSync(file)) throw new ToolError(`ERROR: failed to solve: failed to read dockerfile: open ${path.basename(file)}: no such file or directory`);
  const output = exporter(options.get('output') ?? []);
  const attests = hasAttestations(options, call.environment);
  const image = inDockersWords(() => buildImage(parseDockerfile(fs.readFileSync(file, 'utf8'), path.basename(file)), {
    context: new BuildContext(folder),
    architecture: options.get('platform')?.[0]?.split('/')[1] ?? defaults.architecture,
    buildArguments: pairs(options.get('build-arg') ?? [], call.environment),
    labels: pairs(options.get('label') ?? [], {}),
    base: defaults.base,
    format: attests || output['oci-mediatypes'] !== 'false' ? 'oci' : 'docker',
  }));
  return {
    image, ...(attests ? { index: attested(image) } : {}), tags: options.get('tag') ?? [],
    quiet: options.has('-q') || options.has('--quiet'), push: options.has('--push') || output.push === 'true' || output.type === 'registry',
  };
}

/** `--output type=image,oci-mediatypes=false`, taken apart. */
function exporter(outputs: readonly string[]): Readonly<Record<string, string>> {
  if (outputs.length > 1) throw new ToolError('docker: the twin does not implement several outputs of a build');
  const given: Record<string, string> = Object.fromEntries((outputs[0] ?? 'type=image').split(',').map((part) => {
    const [name = '', ...value] = part.split('=');
    return [name, value.join('=')];
  }));
  if (!['image', 'docker', 'registry'].includes(given.type ?? '')) throw new ToolError(`docker: the twin does not implement the output ${outputs[0]}; it knows the types image, docker and registry`);
  const unknown = Object.keys(given).find((name) => !['type', 'oci-mediatypes', 'push'].includes(name));
  if (unknown !== undefined) throw new ToolError(`docker: the twin does not implement ${unknown} of an output; it knows type, oci-mediatypes and push`);
  return given;
}

/** https://docs.docker.com/build/building/variables/#buildx_no_default_attestations */
function hasAttestations(options: ReadonlyMap<string, readonly string[]>, environment: Readonly<Record<string, string>>): boolean {
  const attests = (options.get('attest') ?? []).filter((attest) => !attest.includes('disabled=true'));
  const sbom = options.get('--sbom')?.[0] ?? 'false';
  if (attests.length > 0 || sbom !== 'false') return true;
  const provenance = options.get('--provenance')?.[0] ?? ((options.get('attest') ?? []).some((attest) => attest.includes('type=provenance')) ? 'false' : undefined);
  if (provenance !== undefined) return provenance !== 'false';
  return !flag('BUILDX_NO_DEFAULT_ATTESTATIONS', environment);
}

/** As Go reads a truth value. */
function flag(name: string, environment: Readonly<Record<string, string>>): boolean {
  const value = environment[name];
  if (value === undefined) return false;
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value)) return false;
  throw new ToolError(`ERROR: invalid ${name}: strconv.ParseBool: parsing "${value}": invalid syntax`);
}

function pairs(words: readonly string[], environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(words.flatMap((word) => {
    const at = word.indexOf('=');
    if (at !== -1) return [[word.slice(0, at), word.slice(at + 1)]];
    const value = environment[word];
    return value === undefined ? [] : [[word, value]];
  }));
}

function inDockersWords<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof DockerError) throw new ToolError(error.message);
    throw error;
  }
}
