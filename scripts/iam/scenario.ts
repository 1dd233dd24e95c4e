import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Account } from '../../bin/story/account';
import { namesOf } from '../../bin/story/names';
import { Loop, START } from '../../test/loop/support/loop';
import { ADMINISTRATOR, Twin, type Witness } from '../../twin';
import { ASSETS_KEY_PARAMETER, BOOTSTRAP_STACK } from '../../twin/template';
import { STACK, synthesizeFullLoop } from './app';
import { usesOf, type RoleUse } from './caller-rights';
import { CHAPTERS } from './chapters';
import { readGrants } from './grants';
import { LogLines, type LogLine } from './log-lines';
import { Mishaps } from './mishaps';
import { Observer } from './observer';
import { evidenceOf, type Evidence } from './verification';

export interface Played {
  readonly evidence: Evidence;
  /** What each role called. */
  readonly uses: readonly RoleUse[];
  /** Everything that was written into any log. */
  readonly logLines: readonly LogLine[];
}

/** Plays the loop with its side paths from the first deployment to the last deletion, and keeps who asked for which permission. */
export async function play(say: (line: string) => void = () => {}, witness?: Witness): Promise<Played> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-iam-'));
  const observer = new Observer();
  const mishaps = new Mishaps();
  const logs = new LogLines(mishaps);
  let twin: Twin | undefined;
  try {
    const assembly = path.join(scratch, 'assembly');
    synthesizeFullLoop(assembly);
    twin = await Twin.fromAssembly(assembly, { startTime: START, authorization: observer, faults: logs, witness });
    await observer.attach(twin);
    // As after `cdk bootstrap --bootstrap-kms-key-id`, which asks most of whoever reads assets.
    const { KeyMetadata } = await twin.call({ service: 'kms', operation: 'CreateKey', input: {}, caller: ADMINISTRATOR });
    const outputs = await twin.deploy({ parameters: { [BOOTSTRAP_STACK]: { [ASSETS_KEY_PARAMETER]: KeyMetadata.Arn } } });
    const loop = new Loop(new Account(twin, namesOf(outputs)), STACK);
    const grants = readGrants(twin, STACK);
    for (const [title, chapter] of Object.entries(CHAPTERS)) {
      const begun = performance.now();
      await chapter({ loop, mishaps, scratch });
      say(`${title}, ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    }
    return { evidence: await evidenceOf(grants, observer, twin), uses: usesOf(twin.record, grants), logLines: logs.all };
  } finally {
    await twin?.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}
