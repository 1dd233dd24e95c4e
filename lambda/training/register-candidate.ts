import { setTimeout as sleep } from 'node:timers/promises';
import { CreateModelPackageCommand, ModelApprovalStatus, ModelPackageStatus, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS, STATISTICS_FILE } from '../../lib/data/artifact-keys.contract';
import type { DatasetDescription } from '../../lib/data/resolve-dataset.contract';
import {
  PACKAGE_METADATA, REGISTER_CANDIDATE_ENV, type RegisterCandidateEvent, type RegisterCandidateResult,
} from '../../lib/training/register-candidate.contract';
import { digest } from '../adapters/digest';
import { lazyHandler } from '../adapters/lazy-handler';
import { describePackage, packageFailure } from '../adapters/model-packages';
import { parseS3Uri, readText, s3Uri, writeObject } from '../adapters/objects';
import { addPredictionBaseline, ANSWERED_COLUMNS, answeredRows, parseBaseline, serializeBaseline } from '../core';
import { answeredParts } from './answered-parts';

/** How often, and how many times, the registry is asked whether the package is complete. */
const POLL_MILLISECONDS = 5_000;
const POLLS = 36;

/** Puts an accepted candidate into the registry, waiting for approval, with its evaluation, baseline and lineage. */
export const handler = lazyHandler<RegisterCandidateEvent, RegisterCandidateResult>(() => {
  const env = REGISTER_CANDIDATE_ENV.read(process.env);
  const bucket = env.ARTIFACTS_BUCKET;
  const { labelColumn, timeColumn, ignoredColumns } = JSON.parse(env.DATASET) as DatasetDescription;
  const notFeatures = new Set([labelColumn, timeColumn, ...ignoredColumns]);
  const contentTypes = env.CONTENT_TYPES.split(',');
  const s3 = new S3Client();
  const sagemaker = new SageMakerClient();
  const logger = new Logger({ serviceName: 'register-candidate' });

  /** The profile of the training rows with the candidate's answers on them added: what the monitor compares with. */
  async function writeBaseline(event: RegisterCandidateEvent): Promise<string> {
    const baseline = parseBaseline(await readText(s3, parseS3Uri(event.statisticsUri)));
    const parts = await answeredParts({ s3, bucket, run: event.run, role: 'candidate', of: 'train' });
    const complete = await addPredictionBaseline(baseline, {
      sources: parts.map((part) => answeredRows(part, timeColumn, notFeatures)), column: ANSWERED_COLUMNS.score, time: ANSWERED_COLUMNS.time,
    });
    const key = `${ARTIFACT_KEYS.baseline(event.run)}${STATISTICS_FILE}`;
    await writeObject(s3, { bucket, key }, serializeBaseline(complete).statistics, 'application/json');
    return s3Uri(bucket, key);
  }

  async function untilComplete(packageArn: string): Promise<void> {
    for (let poll = 0; poll < POLLS; poll++) {
      const found = await describePackage(sagemaker, packageArn);
      if (found.ModelPackageStatus === ModelPackageStatus.COMPLETED) return;
      if (found.ModelPackageStatus === ModelPackageStatus.FAILED) {
        throw new Error(`package ${packageArn} failed: ${packageFailure(found)}; start the training pipeline again`);
      }
      await sleep(POLL_MILLISECONDS);
    }
    throw new Error(`package ${packageArn} was not complete after ${(POLLS * POLL_MILLISECONDS) / 1000} seconds; look at it in the registry and start the training pipeline again`);
  }

  return async (event) => {
    const evaluation = s3Uri(bucket, ARTIFACT_KEYS.evaluation(event.run));
    const statistics = await writeBaseline(event);
    const biasReport = env.HAS_BIAS_REPORT === undefined ? undefined : s3Uri(bucket, ARTIFACT_KEYS.biasReport(event.run));
    const json = (uri: string) => ({ ContentType: 'application/json', S3Uri: uri });
    const { ModelPackageArn: packageArn } = await sagemaker.send(new CreateModelPackageCommand({
      // One run registers one package, however often this is called.
      ClientToken: digest(event.run, 36),
      ModelPackageGroupName: env.MODEL_PACKAGE_GROUP,
      ModelPackageDescription: event.reason.slice(0, 1024),
      ModelApprovalStatus: ModelApprovalStatus.PENDING_MANUAL_APPROVAL,
      InferenceSpecification: {
        Containers: [{ Image: event.imageUri, ModelDataUrl: event.modelDataUrl }],
        SupportedContentTypes: contentTypes,
        SupportedResponseMIMETypes: contentTypes,
      },
      ModelMetrics: { ModelQuality: { Statistics: json(evaluation) }, ...(biasReport && { Bias: { Report: json(biasReport) } }) },
      DriftCheckBaselines: { ModelDataQuality: { Statistics: json(statistics), Constraints: json(event.constraintsUri) } },
      CustomerMetadataProperties: {
        [PACKAGE_METADATA.run]: event.run,
        [PACKAGE_METADATA.codeRevision]: event.codeRevision.slice(0, 256),
        [PACKAGE_METADATA.imageUri]: event.imageUri,
        [PACKAGE_METADATA.datasetFingerprint]: event.fingerprint,
        [PACKAGE_METADATA.trainedFrom]: event.trainedFrom,
        [PACKAGE_METADATA.trainedUntil]: event.trainedUntil,
        [PACKAGE_METADATA.probeUri]: event.probeUri,
        [PACKAGE_METADATA.score]: String(event.candidateValue),
        [PACKAGE_METADATA.metric]: event.metric,
      },
    }));
    await untilComplete(packageArn!);
    logger.info('registered', { run: event.run, packageArn });
    return { packageArn: packageArn! };
  };
});
