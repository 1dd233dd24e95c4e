/** Cuts an object into records, with their line ends: one record, or one a line. */
export function recordsOf(body: Buffer, split: 'None' | 'Line'): Buffer[] {
  if (split === 'None') return [body];
  const records: Buffer[] = [];
  for (let start = 0; start < body.length;) {
    const newline = body.indexOf(0x0a, start);
    const end = newline < 0 ? body.length : newline + 1;
    records.push(body.subarray(start, end));
    start = end;
  }
  return records;
}

/** Puts records together into requests of at most `limit` bytes; `too-large` if one alone is larger. */
export function requestsOf(records: readonly Buffer[], { strategy, limit }: { readonly strategy: 'MultiRecord' | 'SingleRecord'; readonly limit: number }): Buffer[] | 'too-large' {
  const requests: Buffer[] = [];
  let batch: Buffer[] = [];
  let length = 0;
  const flush = () => {
    if (batch.length > 0) requests.push(Buffer.concat(batch));
    batch = [];
    length = 0;
  };
  for (const record of records) {
    if (record.length > limit) return 'too-large';
    if (strategy === 'SingleRecord' || length + record.length > limit) flush();
    batch.push(record);
    length += record.length;
  }
  flush();
  return requests;
}
