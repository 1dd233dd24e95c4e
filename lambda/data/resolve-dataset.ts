import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS, HOLDOUT_FOLDER, SNAPSHOT_FILE, TRAIN_FOLDER } from '../../lib/data/artifact-keys.contract';
import {
  RESOLVE_DATASET_ENV, type DatasetDescription, type ModelUnderTest, type ResolveDatasetEvent, type ResolveDatasetResult,
} from '../../lib/data/resolve-dataset.contract';
import { PACKAGE_METADATA } from '../../lib/training/register-candidate.contract';
import { digest } from '../adapters/digest';
import { lazyHandler } from '../adapters/lazy-handler';
import { describePackage, newestApproved, servedModel } from '../adapters/model-packages';
import { s3Uri, writeJson } from '../adapters/objects';
import { CsvParts } from './dataset/csv-parts';
import { indexDataset, type IndexedObject } from './dataset/dataset-index';
import { labelledRows } from './dataset/dataset-rows';
import { parseDuration } from './dataset/duration';
import { chooseWindow, countRows, type DatasetWindow } from './dataset/window';

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
    const trainedUntil = found.CustomerMetadataProperties?.[PACKAGE_METADATA.trainedUntil];
    if (container?.Image === undefined || container.ModelDataUrl === undefined || trainedUntil === undefined) {
      throw new Error(`the champion ${packageArn} lacks an image, an artifact or '${PACKAGE_METADATA.trainedUntil}', so a candidate cannot be compared with it; register it by the training workflow, or reject it`);
    }
    if (Number.isNaN(Date.parse(trainedUntil))) {
      throw new Error(`the champion ${packageArn} says '${trainedUntil}' for '${PACKAGE_METADATA.trainedUntil}', which is no time; write it as 2001-02-03T00:00:00Z, or reject the package`);
    }
    return { packageArn, imageUri: container.Image, modelDataUrl: container.ModelDataUrl, trainedUntil };
  }

  /** Copies the window's rows; objects without any are not read again. */
  async function copyRows(run: string, objects: IndexedObject[], window: DatasetWindow): Promise<void> {
    const prefix = ARTIFACT_KEYS.snapshot(run);
    const train = new CsvParts(s3, bucket, `${prefix}${TRAIN_FOLDER}`);
    const holdout = new CsvParts(s3, bucket, `${prefix}${HOLDOUT_FOLDER}`);
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
  }

  return async ({ run, trainingWindow }) => {
    const { objects, rows } = await indexDataset(s3, source, dataset);
    if (objects.length === 0) {
      logger.info('nothing to train on yet', { run, prefix: s3Uri(source.dataBucket, source.prefix) });
      return { status: 'empty' };
    }
    const against = await champion();
    const window = chooseWindow({
      dataset: dataset.name, rows, holdout: parseDuration(dataset.holdout),
      trainingWindow: parseDuration(trainingWindow === 'default' ? dataset.trainingWindow : trainingWindow),
      championTrainedUntil: against === null ? undefined : Date.parse(against.trainedUntil),
    });
    const used = objects.filter((object) => countRows(object.hours, window.trainFrom, window.holdoutUntil) > 0);
    await copyRows(run, used, window);
    const pinned = used.map(({ key, versionId, etag, size }) => ({ key, versionId, etag, size }));
    const fingerprint = digest({ bucket: source.dataBucket, pinned, from: window.trainFrom, split: window.holdoutFrom, until: window.holdoutUntil, label: dataset.labelColumn });
    const snapshot = ARTIFACT_KEYS.snapshot(run);
    const uri = (key: string) => s3Uri(bucket, key);
    const bounds = { trainedFrom: new Date(window.trainFrom).toISOString(), trainedUntil: new Date(window.holdoutFrom).toISOString() };
    await writeJson(s3, { bucket, key: `${snapshot}${SNAPSHOT_FILE}` }, { fingerprint, dataset, ...bounds, window, bucket: source.dataBucket, objects: pinned });
    const job = (suffix: string) => `${env.JOB_NAME_PREFIX}-${digest(run, 24)}-${suffix}`;
    logger.info('dataset pinned', { run, fingerprint, ...bounds, trainRows: window.trainRows, holdoutRows: window.holdoutRows });
    return {
      status: 'ready', fingerprint, ...bounds, trainRows: window.trainRows, holdoutRows: window.holdoutRows,
      snapshotUri: uri(`${snapshot}${SNAPSHOT_FILE}`), trainUri: uri(`${snapshot}${TRAIN_FOLDER}`), holdoutUri: uri(`${snapshot}${HOLDOUT_FOLDER}`),
      hasChampion: against !== null, champion: against,
      jobs: { training: job('train'), trainingOnDemand: job('retry'), candidate: job('eval'), champion: job('champ') },
      output: {
        model: uri(ARTIFACT_KEYS.model(run)), checkpoints: uri(ARTIFACT_KEYS.checkpoints(run)),
        candidate: uri(ARTIFACT_KEYS.evaluation(run, 'candidate')), champion: uri(ARTIFACT_KEYS.evaluation(run, 'champion')),
      },
    };
  };
});
