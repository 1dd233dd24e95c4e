import { runShortLoop, runStandUp, type LoopResult } from '../../test/loop/support/short-loop';
import { readTemplate, withTemplate } from './assembly';
import { withoutWire, type Wire } from './wires';

/** What came of taking one wire out. */
export interface Trial {
  readonly wire: Wire;
  /** The step of the loop that went red, and why; undefined if nobody noticed. */
  readonly noticed?: { readonly step: string; readonly reason: string };
  readonly seconds: number;
}

/** Orders of creation that a missing dependency has to go wrong in, at least in one. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

/** Takes the wire out of the assembly's template and runs the loop. */
export async function tryWire(assembly: string, wire: Wire): Promise<Trial> {
  const begun = performance.now();
  const result = (broken: LoopResult['broken']): Trial => ({ wire, noticed: broken, seconds: (performance.now() - begun) / 1000 });
  // Nothing can notice it: the order stays what it was.
  if (wire.implied) return result(undefined);
  const cut = withTemplate(assembly, withoutWire(readTemplate(assembly).template, wire));
  try {
    if (wire.kind !== 'dependency') return result((await runShortLoop(cut.directory)).broken);
    for (const seed of SEEDS) {
      const { broken } = await runStandUp(cut.directory, { seed });
      if (broken !== undefined) return result(broken);
    }
    return result(undefined);
  } finally {
    cut.remove();
  }
}
