export type Architecture = 'amd64' | 'arm64';

/**
 * Processors of an instance type, as images name them. In EC2's naming a `g` among the letters behind the generation
 * stands for Graviton; the family `g` is one of GPUs. NVIDIA's Grace Blackwell (`-gb200`) has Arm processors, too.
 */
export function architectureOf(instanceType: string): Architecture {
  const family = /^(?:ml\.)?([^.]+)/.exec(instanceType)?.[1] ?? '';
  return /^[a-z]+\d+[a-z]*g|-gb\d+$/.test(family) ? 'arm64' : 'amd64';
}
