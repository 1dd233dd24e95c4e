import type { S3Client } from '@aws-sdk/client-s3';
import { ConcurrentWriteError, parseS3Uri, readState, writeState, type ObjectLocation } from './objects';

/** A package whose release was rolled back. */
export interface RolledBack {
  /** The endpoint that went back to the model before. */
  readonly endpoint: string;
  /** When, ISO 8601. */
  readonly at: string;
  readonly reason: string;
}

/** By package ARN. */
type Packages = Readonly<Record<string, RolledBack>>;

interface Stored {
  readonly version: 1;
  readonly packages: Packages;
}

/** How many packages are remembered for one endpoint. */
const REMEMBERED = 50;
const LONGEST_REASON = 500;
/** A release and an approval may write at the same time; one of them reads again. */
const ATTEMPTS = 5;

/** Which packages were rolled back from one endpoint and have not been approved again since: one small object, written conditionally. */
export class RollbackRecord {
  private readonly at: ObjectLocation;

  /** @param uri `s3://bucket/key` of the object */
  constructor(private readonly s3: S3Client, uri: string) {
    this.at = parseS3Uri(uri);
  }

  async packages(): Promise<Packages> {
    return (await readState<Stored>(this.s3, this.at))?.value.packages ?? {};
  }

  async remember(packageArn: string, { endpoint, at, reason }: RolledBack): Promise<void> {
    await this.change((packages) => ({ ...packages, [packageArn]: { endpoint, at, reason: reason.slice(0, LONGEST_REASON) } }));
  }

  /** With `before`, an ISO 8601 time, a later rollback stays remembered. */
  async forget(packageArn: string, before?: string): Promise<void> {
    await this.change((packages) => Object.fromEntries(
      Object.entries(packages).filter(([arn, { at }]) => arn !== packageArn || (before !== undefined && at >= before)),
    ));
  }

  private async change(edit: (packages: Packages) => Packages): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const stored = await readState<Stored>(this.s3, this.at);
      const before = stored?.value.packages ?? {};
      const packages = newest(edit(before));
      if (JSON.stringify(packages) === JSON.stringify(newest(before))) return;
      try {
        await writeState<Stored>(this.s3, this.at, { version: 1, packages }, stored);
        return;
      } catch (error) {
        if (!(error instanceof ConcurrentWriteError) || attempt >= ATTEMPTS) throw error;
      }
    }
  }
}

function newest(packages: Packages): Packages {
  return Object.fromEntries(Object.entries(packages).sort(([, one], [, other]) => (one.at < other.at ? -1 : 1)).slice(-REMEMBERED));
}

/** For a person: which package went back, from where, when and why. */
export function describeRollback(packageArn: string, { endpoint, at, reason }: RolledBack): string {
  return `${packageArn} was rolled back from endpoint ${endpoint} at ${at} (${reason})`;
}
