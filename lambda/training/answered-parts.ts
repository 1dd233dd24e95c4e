import type { S3Client } from '@aws-sdk/client-s3';
import { ARTIFACT_KEYS, answersFile, requestsFile } from '../../lib/data/artifact-keys.contract';
import { listObjects, s3Uri, streamObject } from '../adapters/objects';
import { csvRows, type HoldoutPart, type ObjectSource } from '../core';

export interface AnsweredPartsOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly run: string;
  readonly role: 'candidate' | 'champion';
  readonly of: 'train' | 'holdout';
}

/** The parts of training rows or hold-out, in order, each with what a model answered to its requests. */
export async function answeredParts({ s3, bucket, run, role, of }: AnsweredPartsOptions): Promise<HoldoutPart[]> {
  const source = (key: string): ObjectSource => ({ name: s3Uri(bucket, key), open: () => streamObject(s3, { bucket, key }) });
  // Where below the output path SageMaker keeps the answers to an object is documented in two ways; their last part is not.
  const answers = new Map<string, string>();
  const folder = ARTIFACT_KEYS.answers(run, role);
  for await (const { Key } of listObjects(s3, bucket, folder)) answers.set(Key.slice(Key.lastIndexOf('/') + 1), Key);
  const parts: HoldoutPart[] = [];
  for await (const { Key } of listObjects(s3, bucket, of === 'train' ? ARTIFACT_KEYS.trainingRows(run) : ARTIFACT_KEYS.holdoutRows(run))) {
    const name = answersFile(requestsFile(of, parts.length));
    const key = answers.get(name);
    parts.push({ rows: csvRows(source(Key)), answers: key === undefined ? { name: s3Uri(bucket, `${folder}${name}`), open: nothing } : source(key) });
  }
  return parts;
}

/** A part of which no row could be asked has no requests, and so no answers. */
async function* nothing(): AsyncIterable<Uint8Array> {}
