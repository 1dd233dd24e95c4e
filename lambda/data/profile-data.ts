import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS, CONSTRAINTS_FILE, PROBE_FILE, QUALITY_FILE, STATISTICS_FILE } from '../../lib/data/artifact-keys.contract';
import { PROFILE_DATA_ENV, type ProfileDataEvent, type ProfileDataResult, type QualityRules } from '../../lib/data/profile-data.contract';
import type { DatasetDescription } from '../../lib/data/resolve-dataset.contract';
import { lazyHandler } from '../adapters/lazy-handler';
import { listObjects, parseS3Uri, s3Uri, streamObject, writeJson, writeObject } from '../adapters/objects';
import { buildBaseline, checkQuality, csvRows, requestLine, serializeBaseline, type ObjectSource } from '../core';

/** Rows kept for probing a fresh endpoint. */
const PROBES = 5;

/** The training rows are not good enough to train on. */
class DataQualityError extends Error {
  override readonly name = 'DataQualityError';
}

/** Profiles the training rows: the gate before training, and the baseline that drift is measured against. */
export const handler = lazyHandler<ProfileDataEvent, ProfileDataResult>(() => {
  const env = PROFILE_DATA_ENV.read(process.env);
  const dataset = JSON.parse(env.DATASET) as DatasetDescription;
  const rules = JSON.parse(env.QUALITY) as QualityRules;
  const bucket = env.ARTIFACTS_BUCKET;
  const s3 = new S3Client();
  const logger = new Logger({ serviceName: 'profile-data' });
  const notFeatures = new Set([dataset.labelColumn, dataset.timeColumn, ...dataset.ignoredColumns]);

  async function partsOf(uri: string): Promise<ObjectSource[]> {
    const { bucket: from, key: prefix } = parseS3Uri(uri);
    const parts: ObjectSource[] = [];
    for await (const { Key } of listObjects(s3, from, prefix)) {
      parts.push({ name: s3Uri(from, Key), open: () => streamObject(s3, { bucket: from, key: Key }) });
    }
    return parts;
  }

  /** A few real rows as the endpoint is asked them: features only, no header. */
  async function probes(part: ObjectSource): Promise<string> {
    for await (const { columns, rows } of csvRows(part).read()) {
      return rows.map((fields) => requestLine(columns, fields, notFeatures)).filter((line) => line !== undefined).slice(0, PROBES).join('');
    }
    return '';
  }

  return async ({ run, trainUri }) => {
    const parts = await partsOf(trainUri);
    const { baseline, profile } = await buildBaseline({
      sources: parts.map(csvRows), label: dataset.labelColumn, time: dataset.timeColumn, ignore: dataset.ignoredColumns,
      window: { lengthSeconds: Number(env.WINDOW_HOURS) * 3600, cellSeconds: 3600 },
    });
    const quality = checkQuality(profile, rules);
    const prefix = ARTIFACT_KEYS.profile(run);
    await writeJson(s3, { bucket, key: `${prefix}${QUALITY_FILE}` }, { ...quality, rules, profile });
    if (!quality.ok) throw new DataQualityError(`the training rows fail the quality gate: ${quality.reasons.join('; ')}`);
    const { statistics, constraints, hash } = serializeBaseline(baseline);
    await writeObject(s3, { bucket, key: `${prefix}${STATISTICS_FILE}` }, statistics, 'application/json');
    await writeObject(s3, { bucket, key: `${prefix}${CONSTRAINTS_FILE}` }, constraints, 'application/json');
    await writeObject(s3, { bucket, key: `${prefix}${PROBE_FILE}` }, await probes(parts[0]!), 'text/csv');
    logger.info('profiled', { run, rows: profile.rows, baseline: hash });
    return {
      statisticsUri: s3Uri(bucket, `${prefix}${STATISTICS_FILE}`), constraintsUri: s3Uri(bucket, `${prefix}${CONSTRAINTS_FILE}`),
      probeUri: s3Uri(bucket, `${prefix}${PROBE_FILE}`), rows: profile.rows,
    };
  };
});
