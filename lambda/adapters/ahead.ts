/** What `load` gives for each item, in their order, with up to `count` of them under way at a time. */
export async function* ahead<T, R>(items: Iterable<T>, count: number, load: (item: T) => Promise<R>): AsyncGenerator<R> {
  const underway: Array<Promise<R>> = [];
  for (const item of items) {
    const loading = load(item);
    // A failure is thrown when its turn comes; until then nobody listens, which would end the process.
    loading.catch(() => undefined);
    underway.push(loading);
    if (underway.length >= count) yield await underway.shift()!;
  }
  while (underway.length > 0) yield await underway.shift()!;
}
