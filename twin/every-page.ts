/* eslint-disable @typescript-eslint/no-explicit-any -- answers of any listing */

/** Names of the token in an answer, and in the request for the next page. */
const TOKENS: ReadonlyArray<readonly [answered: string, asked: string]> = [
  ['NextToken', 'NextToken'], ['nextToken', 'nextToken'], ['NextContinuationToken', 'ContinuationToken'], ['NextMarker', 'Marker'],
];

/**
 * All pages of a listing as one answer, its lists joined: for calls in process what an SDK's paginator is. A page may be short, or even
 * empty, though another one follows.
 */
export async function everyPage(call: (input: any) => Promise<any>, input: Readonly<Record<string, unknown>> = {}): Promise<any> {
  const whole = { ...await call(input) };
  for (let token = tokenOf(whole); token !== undefined; token = tokenOf(whole)) {
    const [answered, asked, value] = token;
    delete whole[answered];
    const page = await call({ ...input, [asked]: value });
    for (const [member, items] of Object.entries<any>(page)) whole[member] = Array.isArray(items) ? [...whole[member] ?? [], ...items] : items;
  }
  return whole;
}

function tokenOf(answer: any): [answered: string, asked: string, value: unknown] | undefined {
  const found = TOKENS.find(([answered]) => answer[answered] !== undefined);
  return found && [...found, answer[found[0]]];
}
