import { AwsError, Twin, type FaultPlan, type TwinOptions } from '../../../../twin';
import { expectEqual } from '../expectations';
import { START } from '../loop';
import { leftBehind } from './destroyed';

/** The first scan is due while the stack is created. */
const BEFORE_A_SCAN = new Date(START.getTime() + 9 * 60_000);

/** Nobody may take on the role of the retirement's workflow, so that there is nothing that could clean up. */
const NO_RETIREMENT: FaultPlan = {
  decide: ({ operation, caller }) => (operation === 'AssumeRole' && caller.kind === 'service' && /:stateMachine:.*-retirement-/.test(caller.sourceArn ?? '')
    ? new AwsError('AccessDenied', 'User is not authorized to perform: sts:AssumeRole', 403) : undefined),
};

/** A creation that fails before the retirement is there: nothing has started yet that would leave something behind. */
export async function creationThatFails(assembly: string, options: TwinOptions): Promise<void> {
  const twin = await Twin.fromAssembly(assembly, { ...options, startTime: BEFORE_A_SCAN, faults: NO_RETIREMENT });
  try {
    await twin.deploy().catch(() => undefined);
    const [stack] = twin.cloudFormation.stacks.all().slice(-1);
    expectEqual('a creation that fails is rolled back', stack!.status, 'ROLLBACK_COMPLETE');
    expectEqual('a creation that fails leaves nothing', leftBehind(twin).filter((arn) => arn !== stack!.stackId), []);
  } finally {
    await twin.stop();
  }
}
