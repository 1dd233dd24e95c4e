/** What a single object, record or value may take. Whatever is larger is refused by name, so that nobody's input takes all time or memory. */
export const LIMITS = {
  /** Of a dataset: characters of one row, in CSV with all lines of its quoted fields. */
  rowLength: 4 * 1024 * 1024,
  /** Of a dataset: columns. */
  columns: 10_000,
  /** Of a packed dataset object: how many times its packed size it may unpack to, and what it may in any case. */
  unpackedRatio: 200,
  unpackedBytes: 64 * 1024 * 1024,
  /** Of captured traffic and labels: bytes of a line. InvokeEndpoint takes 25 MB, which base64 makes 33. */
  lineBytes: 48 * 1024 * 1024,
  /** Of captured traffic and labels: rows of one payload, and values in all of them. */
  payloadRows: 100_000,
  payloadValues: 1_000_000,
} as const;
