/** Whether SageMaker encrypts the volume of such an instance with a key of ours. Those with a local disk refuse a key for a volume that they do not have. */
export function takesVolumeKey(instanceType: string): boolean {
  const family = instanceType.split('.')[1] ?? '';
  return !/^[a-z]+\d+[a-z]*d[a-z]*$/.test(family) && !/^(g[456]|p[45]|i\d|trn1|inf2)/.test(family);
}
