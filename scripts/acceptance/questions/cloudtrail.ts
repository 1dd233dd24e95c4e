import type { Run } from '../run';
import { NotAnswered } from './question';

/* eslint-disable @typescript-eslint/no-explicit-any -- events are JSON of any service */

/** CloudTrail's events come within about this many minutes. */
const DELAY_MINUTES = 20;

/** CloudTrail's events of this name since the run began that `matches` finds; waits for the first of them. */
export async function trail(run: Run, eventName: string, matches: (event: any) => boolean): Promise<any[]> {
  const look = async (): Promise<any[]> => {
    const found = await run.cloud.list('cloudtrail', 'LookupEvents', 'Events', {
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: eventName }], StartTime: Math.floor(run.begunAt / 1_000),
    });
    return found.map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent)).filter(matches);
  };
  try {
    for (let minute = 0; minute <= DELAY_MINUTES; minute++) {
      const found = await look();
      if (found.length > 0) return found;
      await run.tempo.sleep(60);
    }
  } catch (error) {
    if (/UnknownOperation|AccessDenied/.test((error as Error).name)) throw new NotAnswered(`CloudTrail could not be asked: ${(error as Error).message}`);
    throw error;
  }
  return [];
}

/** Who made a call, and by which service it was made for them. */
export function callerOf({ userIdentity = {} }: any): string {
  const who = userIdentity.sessionContext?.sessionIssuer?.arn ?? userIdentity.arn ?? userIdentity.type ?? 'somebody';
  return userIdentity.invokedBy === undefined ? who : `${who} through ${userIdentity.invokedBy}`;
}
