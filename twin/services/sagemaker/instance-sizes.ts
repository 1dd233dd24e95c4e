import { AwsError } from '../../service';
import SIZES from './instance-types.json';

export interface InstanceSize {
  readonly vcpus: number;
  /** Mebibytes. */
  readonly memory: number;
  readonly gpus: number;
}

/** How large an instance of a SageMaker type is, as EC2 describes it; the table is written by scripts/generate-instance-types.py. */
export function instanceSize(instanceType: string): InstanceSize {
  const size = (SIZES as Readonly<Record<string, InstanceSize>>)[instanceType];
  if (!size) throw new AwsError('NotImplemented', `the twin does not know how large ${instanceType} is; run scripts/generate-instance-types.py`, 501);
  return size;
}
