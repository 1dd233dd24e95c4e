/**
 * Whether instances of a SageMaker type have Arm processors. In EC2's naming a `g` among the letters behind the
 * generation stands for Graviton (`c6g`, `m6gd`, `c6gn`), while `g` as a family is one of GPUs (`g4dn`, `g5`);
 * NVIDIA's Grace Blackwell (`p6e-gb200`) has Arm processors, too.
 */
export function hasArmProcessors(instanceType: string): boolean {
  return /^ml\.([a-z]+\d+[a-z]*g[a-z]*|[a-z0-9]+-gb\d+)\./.test(instanceType);
}
