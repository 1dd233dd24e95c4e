import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as path from 'node:path';
import type { AnsweredCall } from '../../twin';
import { wireForms, type ServiceModel } from '../../twin/http';

/** What botocore said. */
export interface Verdict {
  /** Calls that were seen. */
  readonly calls: number;
  /** Calls that differ in more than the request id; the others were not compared again. */
  readonly different: number;
  readonly requests: number;
  /** Responses compared, each in every protocol of its API. */
  readonly responses: number;
  /** Responses that are errors. */
  readonly errors: number;
  /** Values whose pattern is in a dialect that Python does not read. */
  readonly unjudged: number;
  readonly problems: ReadonlyArray<{ readonly problem: string; readonly count: number; readonly examples: readonly string[] }>;
}

const REQUEST_ID = '00000000-0000-4000-8000-000000000000';

/** Why botocore cannot be asked; undefined if it can. */
export function missingReferee(): string | undefined {
  const { status, error } = spawnSync('python3', ['-c', 'import botocore'], { stdio: 'ignore' });
  if (error !== undefined) return 'python3 is not installed';
  return status === 0 ? undefined : 'python3 is installed without botocore';
}

/** Holds every call of a twin against botocore's models: its `see` is the twin's witness. */
export class Referee {
  private readonly judge: ChildProcess;
  private readonly seen = new Set<string>();
  private calls = 0;
  private output = '';
  private errors = '';
  private readonly ended: Promise<number | null>;

  constructor() {
    this.judge = spawn('python3', [path.join(__dirname, 'judge.py')], { stdio: 'pipe' });
    this.judge.stdout!.setEncoding('utf8').on('data', (part: string) => { this.output += part; });
    this.judge.stderr!.setEncoding('utf8').on('data', (part: string) => { this.errors += part; });
    // Reported by its exit code, with what it wrote.
    this.judge.stdin!.on('error', () => undefined);
    this.ended = new Promise((resolve, reject) => { this.judge.on('error', reject).on('close', resolve); });
    this.ended.catch(() => undefined);
  }

  readonly see = (call: AnsweredCall): void => {
    this.calls++;
    const { operation, answer } = call;
    const line = JSON.stringify({
      service: operation.service.name, operation: operation.name,
      // A request that was refused may well be a bad one.
      ...('output' in answer && { input: plain(withoutBytes(operation.service, operation.input, call.input ?? {})) }),
      responses: wireForms(call, REQUEST_ID).map(({ protocol, response: { status, headers, body } }) => ({
        protocol, status, headers, body: plain(status < 300 && streamedMember(operation.service, operation.output) !== undefined ? Buffer.alloc(0) : Buffer.from(body)),
      })),
    });
    const digest = createHash('sha256').update(line).digest('base64');
    if (this.seen.has(digest)) return;
    this.seen.add(digest);
    this.judge.stdin!.write(`${line}\n`);
  };

  async verdict(): Promise<Verdict> {
    this.judge.stdin!.end();
    const code = await this.ended;
    if (code !== 0) throw new Error(`the referee failed (${code}): ${this.errors}`);
    const { counts, problems } = JSON.parse(this.output);
    return { requests: 0, responses: 0, errors: 0, unjudged: 0, ...counts, calls: this.calls, different: this.seen.size, problems };
  }
}

/** One line for people. */
export function summary({ calls, different, requests, responses, errors, problems }: Verdict): string {
  return `referee: ${calls.toLocaleString('en')} calls, ${different.toLocaleString('en')} of them different; ${requests.toLocaleString('en')} requests, `
    + `${responses.toLocaleString('en')} responses and ${errors.toLocaleString('en')} errors compared with botocore's models, ${problems.length} violations`;
}

/** The member that is an object's bytes, which no model constrains. */
function streamedMember(service: ServiceModel, shapeName: string | undefined): string | undefined {
  if (shapeName === undefined) return undefined;
  const { payload, members } = service.shape(shapeName);
  return payload !== undefined && members![payload]!.streaming === true ? payload : undefined;
}

function withoutBytes(service: ServiceModel, shapeName: string | undefined, input: object): object {
  const member = streamedMember(service, shapeName);
  return member === undefined ? input : { ...input, [member]: undefined };
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return { $time: value.toISOString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined && item !== null).map(([key, item]) => [key, plain(item)]));
}
