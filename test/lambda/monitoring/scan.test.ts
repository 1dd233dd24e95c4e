import { chooseShards } from '../../../lambda/monitoring/scan/choose-shards';
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

describe('chooseShards', () => {
  const hours = hoursBetween('2001-02-01T00', '2001-02-01T04');
  const END = '2001-02-01T04';
  /** As many unscanned shards in each hour. */
  const choose = async (counts: number[], limit: number) => {
    const asked: string[] = [];
    const { shards, countedFrom } = await chooseShards(hours, END, limit, async (hour) => {
      asked.push(hour);
      return Array.from({ length: counts[hours.indexOf(hour)]! }, (_, index) => ({ id: String(index), hour, planKey: 'plan' }));
    });
    return { shards: shards.map(({ hour, id }) => `${hour.slice(-2)}/${id}`), countedFrom, asked: asked.length };
  };

  test('takes all shards of the window where there is room', async () => {
    expect(await choose([1, 0, 2, 1], 4)).toEqual({ shards: ['03/0', '02/0', '02/1', '00/0'], countedFrom: '2001-02-01T00', asked: 4 });
  });

  test('leaves the oldest hours to later scans, and begins the hour that does not fit', async () => {
    expect(await choose([9, 3, 2, 1], 5)).toEqual({ shards: ['03/0', '02/0', '02/1', '01/0', '01/1'], countedFrom: '2001-02-01T02', asked: 3 });
  });

  test('hours without shards count as long as no earlier hour was cut', async () => {
    expect(await choose([0, 0, 2, 1], 3)).toMatchObject({ countedFrom: '2001-02-01T00' });
    expect(await choose([0, 1, 2, 1], 3)).toMatchObject({ countedFrom: '2001-02-01T02' });
  });

  test('counts no hour if not even the newest fits', async () => {
    expect(await choose([0, 0, 0, 3], 2)).toMatchObject({ shards: ['03/0', '03/1'], countedFrom: END });
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
    expect(late.counts).toHaveLength(2);
  });

  test('the newest sum stands for the plans in it', () => {
    const names = ['plan-0.json', '0-0-2-7.bin', '0-1-2-7.bin', 'sum-1.bin', 'plan-1.json', '1-0-1-2.bin'];
    const names2 = [...names, 'sum-2.bin', 'plan-2.json', '2-0-2-3.bin'];
    const files = (made: HourLedger) => made.counts.map((key) => key.split('/').at(-1));
    expect(files(ledger(...names))).toEqual(['sum-1.bin', '1-0-1-2.bin']);
    expect(files(ledger(...names2))).toEqual(['sum-2.bin', '2-0-2-3.bin']);
    expect(ledger(...names2).isFullyScanned).toBe(false);
    expect(ledger(...names).scannedObjects).toBe(9);
  });
});
