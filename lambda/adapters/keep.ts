/**
 * Remembers what `load` gave for the newest `capacity` keys, for as long as the function stays warm. Only for what never
 * changes under its key.
 */
export function keep<T>(capacity: number, load: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const kept = new Map<string, T>();
  return async (key) => {
    const known = kept.get(key);
    const value = known ?? await load(key);
    // Taken out and put back: the first key is always the one not asked for the longest.
    kept.delete(key);
    kept.set(key, value);
    if (kept.size > capacity) kept.delete(kept.keys().next().value!);
    return value;
  };
}
