import type { Twin } from '../../../../twin';
import { expectEqual } from '../expectations';
import type { Loop } from '../loop';

/** The account's own, shared by all its jobs: SageMaker makes them, no stack may claim them. */
const SHARED_LOG_GROUPS = /:log-group:\/aws\/sagemaker\/(TrainingJobs|TransformJobs|ProcessingJobs)$/;

/** What is left in the account of a stack that was destroyed. */
export function leftBehind(twin: Twin): string[] {
  return twin.remaining().filter((arn) => !SHARED_LOG_GROUPS.test(arn));
}

/** Nothing is left in the account. */
export async function destroyed(loop: Loop): Promise<void> {
  await loop.twin.destroy();
  expectEqual('destroy leaves nothing in the account', leftBehind(loop.twin), []);
}
