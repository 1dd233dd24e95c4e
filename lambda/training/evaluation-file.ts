import { NoSuchKey } from '@aws-sdk/client-s3';
import { s3Uri, type ObjectLocation } from '../adapters/objects';
import { DocumentError } from '../core';

/** Reads what `evaluate` was to leave; a file that is not there is an error of the model project, and says so. */
export async function readEvaluationFile<T>(at: ObjectLocation, read: (at: ObjectLocation) => Promise<T>): Promise<T> {
  try {
    return await read(at);
  } catch (error) {
    if (!(error instanceof NoSuchKey)) throw error;
    const name = at.key.slice(at.key.lastIndexOf('/') + 1);
    throw new DocumentError(s3Uri(at.bucket, at.key), `is not there; \`evaluate\` must write ${name} into /opt/ml/processing/evaluation`);
  }
}
