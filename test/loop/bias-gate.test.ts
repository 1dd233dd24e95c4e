import { ARTIFACT_KEYS } from '../../lib/data/artifact-keys.contract';
import { BiasFacet, QualityGate, type BiasLimits } from '../../lib';
import { describe as describePackage } from './bad-input/registry';
import { stackAssembly } from './support/assembly';
import { Loop } from './support/loop';
import { newCandidate } from './support/steps/training';

/** Trains once on flights of which those from New York are the late ones, under a gate that knows them as a group. */
async function training<T>(limits: BiasLimits, see: (loop: Loop) => Promise<T>): Promise<T> {
  const facets = [BiasFacet.ofValues('origin', ['EWR', 'LGA'], limits)];
  const assembly = stackAssembly({ gate: QualityGate.atLeast('auc', 0.58, { bias: { facets, favourableLabel: 0, minimumRows: 30 } }) });
  const loop = await Loop.deploy(assembly.directory);
  try {
    await loop.handInDays(7);
    await loop.markComplete();
    return await see(loop);
  } finally {
    await loop.twin.stop();
    assembly.remove();
  }
}

test('a candidate that treats groups too unequally is not registered, and the failure says which, how much, and the limit', async () => {
  const { status, reason, pending } = await training({ limits: { DPPL: 0.2, AD: 0.9 } }, async (loop) => {
    const run = await loop.ended(loop.names.trainingPipeline, loop.now, 16 * 60);
    return { status: run.status, reason: await loop.account.failure(loop.names.trainingPipeline, run.pipelineExecutionId), pending: await loop.account.pending() };
  });
  expect(status).toBe('Failed');
  expect(reason).toMatch(/bias by origin \(EWR, LGA against others\): DPPL (0\.\d+|1) is beyond 0\.2 either way; auc/);
  expect(reason).not.toContain('AD');
  expect(pending).toEqual([]);
}, 120_000);

test('one within its limits is registered with the report, as the registry shows it', async () => {
  const { report, inRun, judgement } = await training({ limits: { DPPL: 1, AD: 0.9 } }, async (loop) => {
    const candidate = await describePackage(loop, await newCandidate(loop, loop.now, 16 * 60));
    const { run } = candidate.CustomerMetadataProperties;
    const { ContentType, S3Uri } = candidate.ModelMetrics.Bias.Report;
    expect({ ContentType, S3Uri }).toEqual({ ContentType: 'application/json', S3Uri: `s3://${loop.names.artifactsBucket}/${ARTIFACT_KEYS.biasReport(run)}` });
    return {
      report: await loop.account.readJson(loop.names.artifactsBucket, ARTIFACT_KEYS.biasReport(run)), inRun: candidate.ModelPackageDescription,
      judgement: await loop.account.readJson(loop.names.artifactsBucket, ARTIFACT_KEYS.judgement(run)),
    };
  });
  expect(inRun).toContain('bias by origin (EWR, LGA against others): within its limits');
  const [{ value_or_threshold: group, metrics }] = report.post_training_bias_metrics.facets.origin;
  expect(group).toBe('EWR,LGA');
  const value = metrics.find(({ name }: { name: string }) => name === 'DPPL').value;
  // Hardly any flight of the others is late, most of these are: their share of punctual predictions is far lower.
  expect(value).toBeGreaterThan(0.3);
  expect(judgement.bias[0].measures.DPPL).toBe(value);
}, 120_000);
