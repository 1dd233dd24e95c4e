import { ARTIFACT_KEYS } from '../../../../lib/data/artifact-keys.contract';
import { REPORT_FILES } from '../../../../lib/monitoring/drift-monitor.contract';
import { OCEAN } from '../airline';
import { expectEqual, expectThat } from '../expectations';
import type { Loop } from '../loop';

/** Beside the newest report lie a page that shows the drift and Model Monitor's list of it; none repeats what requests carried. */
export async function driftCanBeRead(loop: Loop): Promise<void> {
  const folder = ARTIFACT_KEYS.reports(loop.names.monitor);
  const newest = (await loop.account.keys(loop.names.artifactsBucket, folder)).filter((key) => key.endsWith('.html')).at(-1);
  expectThat('a drift has a page', newest !== undefined, 'there is none');
  const window = newest.slice(folder.length, -REPORT_FILES.page('').length);
  const [report, page, violations] = await Promise.all([REPORT_FILES.report, REPORT_FILES.page, REPORT_FILES.violations].map((name) => text(loop, `${folder}${name(window)}`)));
  const drifted = (JSON.parse(report!) as { features: Array<{ name: string; state: string }> }).features.filter(({ state }) => state === 'drift').map(({ name }) => name);
  expectThat('the newest report names what drifted', drifted.length > 0, 'it names nothing');
  const broken = (JSON.parse(violations!) as { violations: Array<{ feature_name: string; constraint_check_type: string }> }).violations
    .filter(({ constraint_check_type: kind }) => kind === 'baseline_drift_check').map(({ feature_name: name }) => name);
  expectEqual('Model Monitor\'s list names the same', broken.filter((name) => drifted.includes(name)), drifted);
  for (const name of drifted) expectThat('the page shows each', page!.includes(`<span class="drift">drift</span> ${name}`), `${name} is not on it`);
  const unknown = [...Object.keys(OCEAN.lateness), ...OCEAN.destinations].filter((airport) => `${report} ${page} ${violations}`.includes(airport));
  expectEqual('what requests carried is in no report', unknown, []);
}

async function text(loop: Loop, key: string): Promise<string> {
  const { Body } = await loop.call('s3', 'GetObject', { Bucket: loop.names.artifactsBucket, Key: key });
  return Buffer.from(Body).toString('utf8');
}
