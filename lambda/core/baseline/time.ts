const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** Milliseconds since the epoch from ISO 8601 (UTC where no zone is given) or from epoch seconds or milliseconds; otherwise undefined. */
export function parseTime(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(?:\.\d+)?$/.test(trimmed)) {
    const number = Number(trimmed);
    // 1e11 seconds is the year 5138, 1e11 milliseconds is 1973.
    return number < 1e11 ? number * 1000 : number;
  }
  const match = ISO.exec(trimmed);
  if (!match) return undefined;
  const dateOnly = trimmed.length === 10;
  const time = Date.parse(trimmed.replace(' ', 'T') + (match[1] || dateOnly ? '' : 'Z'));
  return Number.isNaN(time) ? undefined : time;
}
