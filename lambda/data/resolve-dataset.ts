import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS, requestsPrefix } from '../../lib/data/artifact-keys.contract';
import {
  RESOLVE_DATASET_ENV, type DatasetDescription, type ModelUnderTest, type ResolveDatasetEvent, type ResolveDatasetResult,
} from '../../lib/data/resolve-dataset.contract';
import { PACKAGE_METADATA } from '../../lib/training/register-candidate.contract';
import { digest } from '../adapters/digest';
import { lazyHandler } from '../adapters/lazy-handler';
import { describePackage, newestApproved, servedModel } from '../adapters/model-packages';
import { s3Uri, writeJson } from '../adapters/objects';
import { DatasetError } from '../core';
import { RowParts } from './dataset/row-parts';
import { indexDataset, type IndexedObject } from './dataset/dataset-index';
import { labelledRows } from './dataset/dataset-rows';
import { parseDuration } from './dataset/duration';
import { chooseWindow, countRows, FUTURE_SLACK, refuseFuture, type DatasetWindow } from './dataset/window';

/** Pins the data of a run: object versions, training window and hold-out, copied out so that nothing can change under the jobs. */
export const handler = lazyHandler<ResolveDatasetEvent, ResolveDatasetResult>(() => {
  const env = RESOLVE_DATASET_ENV.read(process.env);
  const dataset = JSON.parse(env.DATASET) as DatasetDescription;
  const bucket = env.ARTIFACTS_BUCKET;
  const source = { dataBucket: env.DATA_BUCKET, prefix: env.DATA_PREFIX ?? '', artifactsBucket: bucket };
  const s3 = new S3Client();
  const sagemaker = new SageMakerClient();
  const logger = new Logger({ serviceName: 'resolve-dataset' });

  /** The model that the candidate has to beat: the one that serves, else the newest approved. */
  async function champion(): Promise<ModelUnderTest | null> {
    const packageArn = (await servedModel(sagemaker, env.ENDPOINT_NAME))?.packageArn ?? await newestApproved(sagemaker, env.MODEL_PACKAGE_GROUP);
    if (packageArn === undefined) return null;
    const found = await describePackage(sagemaker, packageArn);
    const container = found.InferenceSpecification?.Containers?.[0];
    const metadata = found.CustomerMetadataProperties;
    const trainedUntil = metadata?.[PACKAGE_METADATA.trainedUntil];
    const [metric, value] = [metadata?.[PACKAGE_METADATA.metric], Number(metadata?.[PACKAGE_METADATA.score] ?? NaN)];
    if (container?.Image === undefined || container.ModelDataUrl === undefined || trainedUntil === undefined) {
      throw new Error(`the champion ${packageArn} lacks an image, an artifact or '${PACKAGE_METADATA.trainedUntil}', so a candidate cannot be compared with it; register it by the training workflow, or reject it`);
    }
    if (Number.isNaN(Date.parse(trainedUntil))) {
      throw new Error(`the champion ${packageArn} says '${trainedUntil}' for '${PACKAGE_METADATA.trainedUntil}', which is no time; write it as 2001-02-03T00:00:00Z, or reject the package`);
    }
    const registered = metric === undefined || Number.isNaN(value) ? null : { metric, value };
    return { packageArn, imageUri: container.Image, modelDataUrl: container.ModelDataUrl, trainedUntil, registered };
  }

  /** Copies the window's rows, and what a model is asked of them; objects without any are not read again. */
  async function copyRows(run: string, objects: IndexedObject[], window: DatasetWindow): Promise<Record<'train' | 'holdout', RowParts>> {
    const parts = (of: 'train' | 'holdout', prefix: string) => new RowParts(s3, bucket, { of, prefix, requestsPrefix: ARTIFACT_KEYS.requests(run), dataset });
    const train = parts('train', ARTIFACT_KEYS.trainingRows(run));
    const holdout = parts('holdout', ARTIFACT_KEYS.holdoutRows(run));
    for (const object of objects) {
      for await (const { columns, rows } of labelledRows(s3, env.DATA_BUCKET, object, dataset)) {
        for (const { time, fields } of rows) {
          if (time < window.trainFrom || time >= window.holdoutUntil) continue;
          await (time < window.holdoutFrom ? train : holdout).add(columns, fields);
        }
      }
    }
    await train.flush();
    await holdout.flush();
    return { train, holdout };
  }

  return async ({ execution, trainingWindow }) => {
    const run = `${env.JOB_NAME_PREFIX}/${execution}`;
    const now = Date.now();
    const { objects, rows } = await indexDataset(s3, source, dataset);
    if (objects.length === 0) {
      logger.info('nothing to train on yet', { run, prefix: s3Uri(source.dataBucket, source.prefix) });
      return { status: 'empty' };
    }
    refuseFuture(s3Uri(source.dataBucket, ''), objects, now);
    const against = await champion();
    // A model that says it was trained on rows of the future cannot decide which rows are new.
    const trainedUntil = against === null ? undefined : Date.parse(against.trainedUntil);
    const implausible = trainedUntil !== undefined && trainedUntil > now + FUTURE_SLACK;
    const window = chooseWindow({
      dataset: dataset.name, rows, holdout: parseDuration(dataset.holdout), minimumHoldoutRows: dataset.minimumHoldoutRows,
      trainingWindow: parseDuration(trainingWindow === 'default' ? dataset.trainingWindow : trainingWindow),
      championTrainedUntil: implausible ? undefined : trainedUntil,
    });
    const used = objects.filter((object) => countRows(object.hours, window.trainFrom, window.holdoutUntil) > 0);
    const { train, holdout } = await copyRows(run, used, window);
    if (holdout.lacksClassOf(train)) {
      throw new DatasetError('no-rows', dataset.name, undefined, `the training rows have two labels, of which the ${window.holdoutRows} rows of the hold-out have one only, so no model`
        + ' could be measured on them; lengthen dataset.holdout, or add labelled rows');
    }
    const pinned = used.map(({ key, versionId, etag, size }) => ({ key, versionId, etag, size }));
    const fingerprint = digest({ bucket: source.dataBucket, pinned, from: window.trainFrom, split: window.holdoutFrom, until: window.holdoutUntil, label: dataset.labelColumn });
    const uri = (key: string) => s3Uri(bucket, key);
    // The newest hour may not be over yet: nobody has seen rows of the future.
    const bounds = { trainedFrom: new Date(window.trainFrom).toISOString(), trainedUntil: new Date(Math.min(window.holdoutFrom, now)).toISOString() };
    const notes = [
      ...(implausible ? [`the champion ${against!.packageArn} says that it was trained on rows up to ${against!.trainedUntil}, which is not yet; when its rows end was left out of account`] : []),
      ...(holdout.unasked > 0 ? [`${holdout.unasked} of ${window.holdoutRows} rows of the hold-out have a feature with a line break and were asked of no model`] : []),
    ].join('; ');
    const snapshot = { fingerprint, dataset, ...bounds, window, bucket: source.dataBucket, objects: pinned, unasked: { train: train.unasked, holdout: holdout.unasked } };
    await writeJson(s3, { bucket, key: ARTIFACT_KEYS.snapshot(run) }, snapshot);
    const job = (suffix: string) => `${env.JOB_NAME_PREFIX}-${digest(run, 24)}-${suffix}`;
    logger.info('dataset pinned', { run, fingerprint, ...bounds, trainRows: window.trainRows, holdoutRows: window.holdoutRows });
    return {
      status: 'ready', run, fingerprint, ...bounds, trainRows: window.trainRows, holdoutRows: window.holdoutRows,
      snapshotUri: uri(ARTIFACT_KEYS.snapshot(run)), trainUri: uri(ARTIFACT_KEYS.trainingRows(run)),
      requests: { candidate: uri(ARTIFACT_KEYS.requests(run)), champion: uri(`${ARTIFACT_KEYS.requests(run)}${requestsPrefix('holdout')}`) },
      hasChampion: against !== null, champion: against,
      jobs: { training: job('train'), trainingOnDemand: job('retry'), candidate: job('cand'), champion: job('champ'), evaluation: job('eval') },
      output: {
        model: uri(ARTIFACT_KEYS.model(run)), checkpoints: uri(ARTIFACT_KEYS.checkpoints(run)),
        candidate: uri(ARTIFACT_KEYS.answers(run, 'candidate')), champion: uri(ARTIFACT_KEYS.answers(run, 'champion')), evaluation: uri(ARTIFACT_KEYS.customEvaluation(run)),
      },
      notes,
    };
  };
});
