import { labelledCsv } from '../../../bin/story/flights';
import { COAST, flightsDuring } from '../support/airline';
import { DAY, START } from '../support/loop';

const GOOD = labelledCsv(flightsDuring(START.getTime() - 2 * DAY, START.getTime() - DAY, COAST, 2));
const [HEADER, ...ROWS] = GOOD.trimEnd().split('\n') as [string, ...string[]];
const LAST_LINE = ROWS.length + 2;

/** Objects that cannot be trained on, and what the person who handed one in is told; `BAD` stands for the object. */
export const BAD_DATA: ReadonlyArray<readonly [what: string, body: string | Uint8Array, reason: string]> = [
  ['an object of zero bytes', '', 'BAD, line 1: the object is empty; the first line must name the columns'],
  ['a header without rows', `${HEADER}\n`, 'BAD: the object has no rows; remove it, or write it again'],
  ['a ragged row', `${GOOD}2001-01-31T00:00:00Z,1,0\n`, `BAD, line ${LAST_LINE}: 3 fields where the header names 7 columns; complete the row, or quote fields that hold a comma`],
  ['no header', ROWS.join('\n'), 'BAD, line 1: 4 of the 7 names on the first line are empty or numbers; the first line must name the columns'],
  ['no label column', GOOD.replace('late', 'delayed'), "BAD, line 1: there is no label column 'late', only 'departure', 'delayed', 'hour', 'weekday', 'distance', 'origin', 'destination'; add it, or name another one in the dataset"],
  ['no time column', GOOD.replace('departure', 'at'), "BAD, line 1: there is no time column 'departure', only 'at', 'late', 'hour', 'weekday', 'distance', 'origin', 'destination'; add it, or name another one in the dataset"],
  ['bytes that are not UTF-8', Buffer.concat([Buffer.from(GOOD), Buffer.from('2001-01-31T00:00:00Z,1,0,3,400,ZÜRICH,BOS\n', 'latin1')]), `BAD, line ${LAST_LINE}: bytes that are not UTF-8; convert the file, for example with iconv -t UTF-8`],
  ['a time that is none', `${GOOD}yesterday,1,0,3,400,BOS,DCA\n`, `BAD, line ${LAST_LINE}: the column 'departure' holds no time; write it as ISO 8601`],
  ['a quote that is never closed', `${GOOD}2001-01-31T00:00:00Z,1,0,3,400,"BOS,DCA\n`, `BAD, line ${LAST_LINE}: a quoted field that begins on this line is never closed; add the closing "`],
  ['rows of six hours only, all of them held out', [HEADER, ...ROWS.slice(0, 12)].join('\n'), 'flights: the labelled rows from 2001-01-30T00:00:00.000Z to 2001-01-30T05:00:00.000Z all fall into the hold-out of 6 hours; add older rows or shorten the hold-out'],
  ['too few rows, with labels of one class', [HEADER, ...ROWS.map((row) => row.replace(/,[01],/, ',0,'))].join('\n'), 'the training rows fail the quality gate: 36 rows, at least 100 are needed; wait for more data or lower the minimum; label late has 1 class, at least 2 are needed; widen the training window'],
];
