import type { TypeId } from '../declaration';
import { codeBuild } from './code-build';
import { connectionSource } from './connection-source';
import { ecrSource } from './ecr-source';
import { lambdaInvoke } from './lambda-invoke';
import { manualApproval } from './manual-approval';
import type { ActionProvider } from './provider';
import { s3Source } from './s3-source';
import { stepFunctionsInvoke } from './step-functions-invoke';

/** Every kind of action the twin can run. */
const PROVIDERS: readonly ActionProvider[] = [s3Source, ecrSource, connectionSource, codeBuild, lambdaInvoke, stepFunctionsInvoke, manualApproval];

/** The provider of a type, or a sentence about why there is none. */
export function findProvider({ category, owner, provider, version }: TypeId): ActionProvider | string {
  const found = PROVIDERS.find((one) => one.category === category && one.owner === owner && one.provider === provider && one.version === String(version));
  return found ?? `${[category, owner, provider, version].join('/')} is not implemented by the twin, which has `
    + PROVIDERS.map((one) => [one.category, one.owner, one.provider, one.version].join('/')).join(', ');
}
