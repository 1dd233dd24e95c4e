import type { TwinOptions } from '../../../twin';
import { shortLoopAssembly } from './assembly';
import { Loop } from './loop';
import { creationThatFails } from './steps/creation-that-fails';
import { destroyed } from './steps/destroyed';
import { calmAgain, driftIsFound, retrained } from './steps/drift';
import { failedJobsSayWhy } from './steps/failed-jobs';
import { firstDeployment, quietAtFirst } from './steps/first-deployment';
import { alarmsTell, deadLettersRing, failuresAreTold } from './steps/notices';
import { approveAndRelease } from './steps/release';
import { silentChampions } from './steps/silent-champions';
import { firstTraining } from './steps/training';

/** Not what the model project calls them by itself, so that it shows whether it was told. */
const LABEL_COLUMN = 'delayed';
const TIME_COLUMN = 'scheduled';

/** The assembly that the short loop turns. */
export function assembleShortLoop(): ReturnType<typeof shortLoopAssembly> {
  return shortLoopAssembly({ labelColumn: LABEL_COLUMN, timeColumn: TIME_COLUMN });
}

export interface StepTime {
  readonly step: string;
  readonly wallSeconds: number;
}

/** How a loop ended: every step held, or the first that did not. */
export interface LoopResult {
  readonly steps: readonly StepTime[];
  readonly broken?: { readonly step: string; readonly reason: string };
}

/** The whole loop, from an empty account to an empty account, in the order in which a fault shows soonest. */
export function runShortLoop(assembly: string, options: TwinOptions = {}): Promise<LoopResult> {
  let candidate = '';
  return runSteps(assembly, options, [
    ['first deployment', firstDeployment],
    ['alarms tell', alarmsTell],
    ['failures are told', failuresAreTold],
    ['dead letters ring', deadLettersRing],
    ['first training', async (loop) => { candidate = await firstTraining(loop); }],
    ['failed jobs say why', failedJobsSayWhy],
    ['first release', (loop) => approveAndRelease(loop, candidate)],
    ['drift is found', driftIsFound],
    ['retrained', async (loop) => { candidate = await retrained(loop); }],
    ['calm again', (loop) => calmAgain(loop, candidate)],
    ['silent champions', silentChampions],
    ['destroyed', destroyed],
  ]);
}

/** Only up and down again: what depends on the order of creation, which the seed decides. Once the stack fails on the way. */
export function runStandUp(assembly: string, options: TwinOptions): Promise<LoopResult> {
  return runSteps(assembly, options, [['quiet at first', quietAtFirst], ['destroyed', destroyed]], () => creationThatFails(assembly, options));
}

/** Stops at the first step that does not hold. */
async function runSteps(
  assembly: string, options: TwinOptions, plan: ReadonlyArray<[string, (loop: Loop) => Promise<void>]>, first: () => Promise<void> = async () => undefined,
): Promise<LoopResult> {
  const steps: StepTime[] = [];
  let loop: Loop | undefined;
  const timed = async (step: string, run: () => Promise<void>): Promise<LoopResult['broken']> => {
    const begun = performance.now();
    try {
      await run();
      return undefined;
    } catch (error) {
      return { step, reason: error instanceof Error ? error.message : String(error) };
    } finally {
      steps.push({ step, wallSeconds: (performance.now() - begun) / 1000 });
    }
  };
  try {
    let broken = await timed('a creation that fails', first);
    broken ??= await timed('deploy', async () => {
      loop = await Loop.deploy(assembly, options);
      loop.label = LABEL_COLUMN;
      loop.time = TIME_COLUMN;
    });
    for (const [step, run] of plan) broken ??= await timed(step, () => run(loop!));
    return { steps, broken };
  } finally {
    await loop?.twin.stop();
  }
}
