import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError } from '../../service';
import { notImplemented } from './errors';

/** Checksums by the names of the members that carry them. */
export type Checksums = Readonly<Record<string, string>>;

const ALGORITHMS: Readonly<Record<string, (content: Uint8Array) => string>> = {
  ChecksumCRC32: (content) => bigEndian(crc32(content)),
  ChecksumCRC32C: (content) => bigEndian(crc32c(content)),
  ChecksumSHA1: (content) => createHash('sha1').update(content).digest('base64'),
  ChecksumSHA256: (content) => createHash('sha256').update(content).digest('base64'),
  ChecksumSHA512: (content) => createHash('sha512').update(content).digest('base64'),
};

/** Compares what the client says about the content with the content, and returns what is to be kept. */
export function verifyChecksums(input: Record<string, unknown>, content: Uint8Array): Checksums {
  const kept: Record<string, string> = {};
  if (input['ContentMD5'] !== undefined && input['ContentMD5'] !== createHash('md5').update(content).digest('base64')) {
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  for (const [member, value] of Object.entries(input)) {
    if (!member.startsWith('Checksum') || typeof value !== 'string' || member === 'ChecksumAlgorithm' || member === 'ChecksumType'
      || member === 'ChecksumMode') continue;
    const algorithm = ALGORITHMS[member];
    if (algorithm === undefined) throw notImplemented(`${member}; it knows ${Object.keys(ALGORITHMS).join(', ')}`);
    if (algorithm(content) !== value) {
      throw new AwsError('BadDigest', `The ${member.slice('Checksum'.length)} you specified did not match the calculated checksum.`);
    }
    kept[member] = value;
  }
  return kept;
}

export function md5(content: Uint8Array): Buffer {
  return createHash('md5').update(content).digest();
}

function bigEndian(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes.toString('base64');
}

const CASTAGNOLI = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

function crc32c(content: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of content) value = (value >>> 8) ^ CASTAGNOLI[(value ^ byte) & 0xff]!;
  return (value ^ 0xffffffff) >>> 0;
}
