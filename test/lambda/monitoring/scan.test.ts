import { hoursBetween, trailingWindow } from '../../../lambda/monitoring/scan/hours';
import { HourLedger } from '../../../lambda/monitoring/scan/ledger';
import { packShards } from '../../../lambda/monitoring/scan/pack';

describe('trailingWindow', () => {
  test('is made of whole hours that have ended', () => {
    expect(trailingWindow(Date.parse('2001-02-02T03:10:00Z'), 24)).toEqual({ start: '2001-02-01T03', end: '2001-02-02T03' });
  });

  test('hoursBetween runs over midnight and leaves the end out', () => {
    expect(hoursBetween('2001-02-28T22', '2001-03-01T01')).toEqual(['2001-02-28T22', '2001-02-28T23', '2001-03-01T00']);
  });
});

describe('packShards', () => {
  const file = (key: string, size: number) => ({ key, etag: `etag of ${key}`, size });

  test('every byte of every file is in exactly one range', () => {
    const files = [file('b', 25), file('a', 3), file('c', 0), file('d', 10), file('e', 11)];
    const ranges = packShards(files, 10).flat();
    for (const { key, size } of files) {
      const own = ranges.filter((range) => range.key === key).sort((x, y) => x.start - y.start);
      expect(own[0]!.start).toBe(0);
      expect(own.at(-1)!.end).toBe(size);
      own.slice(1).forEach((range, index) => expect(range.start).toBe(own[index]!.end));
    }
  });

  test('no shard is larger than the limit, and small files share one', () => {
    const shards = packShards([file('a', 4), file('b', 4), file('c', 4)], 10);
    expect(shards.map((ranges) => ranges.map(({ key }) => key))).toEqual([['a', 'b'], ['c']]);
    for (const shard of packShards([file('x', 95)], 10)) expect(shard.reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThanOrEqual(10);
  });

  test('does not depend on the order in which files are listed', () => {
    const files = [file('a', 4), file('b', 9), file('c', 4)];
    expect(packShards([...files].reverse(), 10)).toEqual(packShards(files, 10));
  });
});

describe('HourLedger', () => {
  const ledger = (...names: string[]) => {
    const made = new HourLedger();
    for (const name of names) made.note(`monitoring/m/accumulators/hash/2001-02-01/03/${name}`);
    return made;
  };

  test('an hour without plans is fully scanned, with no object', () => {
    expect(ledger().isFullyScanned).toBe(true);
    expect(ledger().scannedObjects).toBe(0);
  });

  test('a plan is done when all its shards have left an accumulator', () => {
    const half = ledger('plan-0.json', '0-0-2-7.bin');
    expect(half.isFullyScanned).toBe(false);
    expect(half.scannedObjects).toBe(0);
    expect(half.isScanned(0, 1)).toBe(false);
    const whole = ledger('plan-0.json', '0-0-2-7.bin', '0-1-2-7.bin');
    expect(whole.isFullyScanned).toBe(true);
    expect(whole.scannedObjects).toBe(7);
  });

  test('late files are in a plan of their own', () => {
    const late = ledger('plan-0.json', '0-0-1-7.bin', 'plan-1.json', '1-0-1-2.bin');
    expect(late.scannedObjects).toBe(9);
    expect(late.accumulators).toHaveLength(2);
  });
});
