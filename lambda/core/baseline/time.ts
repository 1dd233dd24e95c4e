const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** What JavaScript's dates hold, milliseconds either way from 1970: 100 million days. */
const LAST = 8.64e15;

/**
 * Milliseconds since the epoch from ISO 8601 (UTC where no zone is given) or from a count since the epoch, of seconds, milliseconds, microseconds
 * or nanoseconds by its size; undefined for anything else, and for a time that is none.
 */
export function parseTime(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) return sinceEpoch(Number(trimmed));
  const match = ISO.exec(trimmed);
  if (!match) return undefined;
  const dateOnly = trimmed.length === 10;
  const time = Date.parse(trimmed.replace(' ', 'T') + (match[1] || dateOnly ? '' : 'Z'));
  return Number.isNaN(time) ? undefined : time;
}

/** 1e11 is the year 5138 in seconds and 1973 in milliseconds; a thousand times that is the same in the next unit, and so on. */
function sinceEpoch(count: number): number | undefined {
  const time = count < 1e11 ? count * 1e3 : count < 1e14 ? count : count < 1e17 ? count / 1e3 : Math.round(count / 1e6);
  return time <= LAST ? time : undefined;
}
