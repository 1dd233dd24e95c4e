import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { Random } from '../../random';
import { AwsError } from '../../service';

type Context = Readonly<Record<string, string>> | undefined;

const ID_LENGTH = 36;
const NONCE_LENGTH = 12;

/** Authenticated encryption in the manner of KMS: the blob names its key, and the encryption context must be the same on the way back. */
export function encrypt(keyId: string, plaintext: Uint8Array, context: Context, random: Random): Buffer {
  const nonce = bytes(random, NONCE_LENGTH);
  const cipher = createCipheriv('aes-256-gcm', material(keyId), nonce).setAAD(contextBytes(context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from(keyId), nonce, cipher.getAuthTag(), body]);
}

export function keyIdOf(blob: Uint8Array): string {
  return Buffer.from(blob.subarray(0, ID_LENGTH)).toString('latin1');
}

export function decrypt(blob: Uint8Array, context: Context): Buffer {
  const nonceEnd = ID_LENGTH + NONCE_LENGTH;
  const decipher = createDecipheriv('aes-256-gcm', material(keyIdOf(blob)), blob.subarray(ID_LENGTH, nonceEnd));
  try {
    decipher.setAAD(contextBytes(context)).setAuthTag(blob.subarray(nonceEnd, nonceEnd + 16));
    return Buffer.concat([decipher.update(blob.subarray(nonceEnd + 16)), decipher.final()]);
  } catch (error) {
    throw Object.assign(new AwsError('InvalidCiphertextException', 'the ciphertext or the encryption context is not what was encrypted'), { cause: error });
  }
}

/** Seeded, so that a run can be repeated. */
export function bytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integer(256)));
}

/** Nothing in the twin is secret. */
function material(keyId: string): Buffer {
  return createHash('sha256').update(`twin key ${keyId}`).digest();
}

function contextBytes(context: Context): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))));
}
