import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvRows, DatasetError, jsonLinesRows, RowSource } from '../../../../lambda/core';
import { textObject } from '../support';

async function read(source: RowSource): Promise<{ columns: readonly string[]; rows: string[][]; lines: number[] }> {
  const all = { columns: [] as readonly string[], rows: [] as string[][], lines: [] as number[] };
  for await (const { columns, rows, lines } of source.read()) {
    all.columns = columns;
    all.rows.push(...rows.map((row) => [...row]));
    all.lines.push(...lines);
  }
  return all;
}

/** What csv-parse reads; undefined where it refuses the text. */
function judged(text: string): string[][] | undefined {
  try {
    return parse(text, { skip_empty_lines: true, record_delimiter: ['\n', '\r\n'] });
  } catch {
    return undefined;
  }
}

const csv = (text: string | Uint8Array, chunk?: number) => read(csvRows(textObject('data.csv', text, chunk)));

describe('csv', () => {
  const text = 'a,b,c\r\n1,"x, y",3\r\n\n"say ""hi""","two\nlines",\n7,8,9';

  test.each([1, 2, 3, 7, 1000])('is read as RFC 4180 says, in chunks of %d bytes', async (chunk) => {
    expect(await csv(text, chunk)).toEqual({
      columns: ['a', 'b', 'c'],
      rows: [['1', 'x, y', '3'], ['say "hi"', 'two\nlines', ''], ['7', '8', '9']],
      lines: [2, 4, 6],
    });
  });

  test('a byte order mark is no part of the first name', async () => {
    expect((await csv('\ufeffa,b\n1,2\n')).columns).toEqual(['a', 'b']);
  });

  test('characters of several bytes survive a cut in the middle', async () => {
    expect((await csv('straße,ñ\näöü,€𝄞\n', 1)).rows).toEqual([['äöü', '€𝄞']]);
  });

  test.each([
    ['ragged-row', 'a,b\n1,2\n1,2,3\n', 3, '3 fields where the header names 2 columns'],
    ['no-header', '1,2\n3,4\n', 1, 'the first line must name the columns'],
    ['no-header', '', 1, 'the object is empty'],
    ['duplicate-column', 'a,a\n1,2\n', 1, 'every column needs a name of its own'],
    ['unclosed-quote', 'a,b\n1,"2\n', 2, 'add the closing "'],
    ['unclosed-quote', 'a,b\n1,2"3\n4,"5\n', 2, 'write "" for a quote inside quotes'],
  ])('%s is refused with its line', async (code, content, line, message) => {
    const error = await csv(content).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DatasetError);
    expect(error).toMatchObject({ code, line, object: 'data.csv' });
    expect((error as Error).message).toContain(message);
  });

  test.each([1, 5, 1000])('bytes that are not UTF-8 are refused with their line, in chunks of %d', async (chunk) => {
    const bytes = Buffer.concat([Buffer.from('a,b\n1,ü\n2,x\n3,'), Buffer.from([0xfc]), Buffer.from('\n4,y\n')]);
    await expect(csv(bytes, chunk)).rejects.toMatchObject({ code: 'not-utf8', line: 4 });
  });

  test('a row may take four million characters, quoted or not, in one line or many; a longer one is refused by name', async () => {
    const longest = 4 * 1024 * 1024;
    for (const field of ['x'.repeat(longest - 4), `"${'x'.repeat(longest - 6)}"`, `"${'\n'.repeat(longest - 6)}"`, `"${'""'.repeat(longest / 2 - 4)}"`]) {
      const { rows } = await csv(`a,b\n1,${field}\n`, 65_536);
      expect(rows[0]![1]!.length).toBeGreaterThan(longest / 2 - 5);
    }
    for (const size of [longest, 9e6]) {
      await expect(csv(`a,b\n1,"${'x'.repeat(size)}"\n`, 65_536)).rejects.toMatchObject({ code: 'row-too-long', line: 2 });
      await expect(csv(`a,b\n1,${'x'.repeat(size)}\n`, 65_536)).rejects.toMatchObject({ code: 'row-too-long', line: 2 });
      await expect(csv(`a,b\n1,"${'x\n'.repeat(size)}`, 65_536)).rejects.toMatchObject({ code: 'unclosed-quote', line: 2 });
    }
  });

  test('a line without an end is given up, not kept', async () => {
    let given = 0;
    async function* endless() { for (;;) { given += 65_536; yield Buffer.alloc(65_536, 'x'); } }
    await expect(read(csvRows({ name: 'data.csv', open: endless }))).rejects.toMatchObject({ code: 'row-too-long' });
    expect(given).toBeLessThan(13e6);
  });

  test('ten thousand columns are the most', async () => {
    const names = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`).join(',');
    expect((await csv(`${names(10_000)}\n${'1,'.repeat(9999)}1\n`)).rows[0]).toHaveLength(10_000);
    await expect(csv(`${names(10_001)}\n`)).rejects.toMatchObject({ code: 'too-many-columns', line: 1 });
  });

  /* The judge is csv-parse, in strict mode; what it refuses must be refused, and what it reads must be read the same. */
  test('what another reader of RFC 4180 says of any text is what is read', async () => {
    const piece = fc.constantFrom('"', '""', ',', '\n', '\r\n', 'a', 'b c', ' ', 'é', '7');
    await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), async (pieces, chunk) => {
      const text = `p,q\n${pieces.join('')}`;
      const [, ...expected] = judged(text) ?? [];
      const found = await csv(text, chunk).catch((error: unknown) => error);
      if (expected.length === 0) return;
      expect(found).toMatchObject({ rows: expected });
    }), { numRuns: 3000, seed: 20261126 });
  });

  test('no error shows a value of the data', async () => {
    const error = await csv('a,b\nsecret,1\nsecret,secret,secret\n').catch((caught: Error) => caught);
    expect((error as Error).message).not.toContain('secret');
  });
});

describe('json lines', () => {
  const json = (text: string) => read(jsonLinesRows(textObject('data.jsonl', text)));

  test('members become columns, null and absent ones have no value', async () => {
    expect(await json('{"a":1,"b":"x"}\n{"b":null,"a":2.5}\n{"a":true}\n')).toMatchObject({
      columns: ['a', 'b'], rows: [['1', 'x'], ['2.5', ''], ['true', '']], lines: [1, 2, 3],
    });
  });

  test.each([
    ['not-json', '{"a":1}\n{"a":\n', 2],
    ['not-json', '[1]\n', 1],
    ['ragged-row', '{"a":1}\n{"a":1,"b":2}\n', 2],
    ['ragged-row', '{"a":{"b":1}}\n', 1],
  ])('%s is refused with its line', async (code, text, line) => {
    await expect(json(text)).rejects.toMatchObject({ code, line });
  });

  test('the time for a line grows with its members, not with their square', async () => {
    const line = JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`member-${i}`, i])));
    expect((await json(`${line}\n`.repeat(20))).rows).toHaveLength(20);
    await expect(json(`${line.slice(0, -1)},"more":1}\n`)).rejects.toMatchObject({ code: 'too-many-columns', line: 1 });
    await expect(json(`{"a":1}\n{"a":"${'x'.repeat(5e6)}"}\n`)).rejects.toMatchObject({ code: 'row-too-long', line: 2 });
  });
});
