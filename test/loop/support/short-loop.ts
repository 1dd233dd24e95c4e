import type { TwinOptions } from '../../../twin';
import { Loop } from './loop';
import { destroyed } from './steps/destroyed';
import { calmAgain, driftIsFound, retrained } from './steps/drift';
import { firstDeployment } from './steps/first-deployment';
import { alarmsTell, deadLettersRing, failuresAreTold } from './steps/notices';
import { approveAndRelease } from './steps/release';
import { firstTraining } from './steps/training';

export interface StepTime {
  readonly step: string;
  readonly wallSeconds: number;
}

/** How a loop ended: every step held, or the first that did not. */
export interface LoopResult {
  readonly steps: readonly StepTime[];
  readonly broken?: { readonly step: string; readonly reason: string };
}

/** The whole loop, from an empty account to an empty account, in the order in which a fault shows soonest. Stops at the first step that does not hold. */
export async function runShortLoop(assembly: string, options: TwinOptions = {}): Promise<LoopResult> {
  const steps: StepTime[] = [];
  let loop: Loop | undefined;
  let candidate = '';
  const plan: Array<[string, () => Promise<unknown>]> = [
    ['deploy', async () => { loop = await Loop.deploy(assembly, options); }],
    ['first deployment', () => firstDeployment(loop!)],
    ['alarms tell', () => alarmsTell(loop!)],
    ['failures are told', () => failuresAreTold(loop!)],
    ['dead letters ring', () => deadLettersRing(loop!)],
    ['first training', async () => { candidate = await firstTraining(loop!); }],
    ['first release', () => approveAndRelease(loop!, candidate)],
    ['drift is found', () => driftIsFound(loop!)],
    ['retrained', async () => { candidate = await retrained(loop!); }],
    ['calm again', () => calmAgain(loop!, candidate)],
    ['destroyed', () => destroyed(loop!)],
  ];
  try {
    for (const [step, run] of plan) {
      const begun = performance.now();
      try {
        await run();
      } catch (error) {
        return { steps, broken: { step, reason: error instanceof Error ? error.message : String(error) } };
      } finally {
        steps.push({ step, wallSeconds: (performance.now() - begun) / 1000 });
      }
    }
    return { steps };
  } finally {
    await loop?.twin.stop();
  }
}
