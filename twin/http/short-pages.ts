import { createHash } from 'node:crypto';
import { Random } from '../random';
import type { CallRequest } from '../world';
import type { OperationModel } from './model';

/** Decides how many results a page of a listing has at most. Given the same call and time it must decide the same. */
export interface PagePlan {
  /** `asked` is what the call allows; undefined for no more than that. */
  most(call: CallRequest, asked: number | undefined, time: number): number | undefined;
}

export const FULL_PAGES: PagePlan = { most: () => undefined };

const TINY = 3;
/** Of a call that does not say how many it wants; defaults of AWS are from 10 to 1,000. */
const USUAL = 100;

/**
 * Pages shorter than asked for, with a token for the next one. "This is only an upper limit. The actual number of results returned per
 * call might be fewer" (Step Functions), "The response might contain fewer keys" (S3), "A returned page might only be partially full, or
 * even empty" (CloudWatch Logs); where it is not documented, AWS may still do so.
 */
export class ShortPages implements PagePlan {
  constructor(private readonly seed: number) {}

  most({ service, operation, input }: CallRequest, asked: number | undefined, time: number): number | undefined {
    const random = this.drawFor([service, operation, input, time]);
    const kind = random.next();
    // No result at all is asked for, or as many as the service likes.
    if (kind < 0.5 || asked === 0) return undefined;
    return 1 + random.integer(Math.min(asked ?? USUAL, kind < 0.75 ? TINY : Infinity));
  }

  /** By the call itself: a stream of random numbers would depend on the order in which processes call. */
  private drawFor(call: unknown): Random {
    return new Random(createHash('sha256').update(JSON.stringify([this.seed, call])).digest().readInt32LE());
  }
}

const LIMIT = /^(max(results|records|keys)|limit)$/i;
const TOKEN = /^next(token|continuationtoken|marker|keymarker)$/i;

/** The input member by which a caller limits a page of this operation, if it lists in pages. */
export function limitOf({ service, input, output }: OperationModel): string | undefined {
  const membersOf = (shape: string | undefined) => Object.keys(shape === undefined ? {} : service.shape(shape).members ?? {});
  return membersOf(output).some((member) => TOKEN.test(member)) ? membersOf(input).find((member) => LIMIT.test(member)) : undefined;
}
