import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { askAll, printAnswers, QUESTIONS } from '../../scripts/acceptance/questions';
import { NotAnswered, notInARun, type Question } from '../../scripts/acceptance/questions/question';
import type { Run } from '../../scripts/acceptance/run';

const PAGE = readFileSync(path.resolve(__dirname, '../../docs/unproven.md'), 'utf8');
const entries = PAGE.split(/^### /m).slice(1).map((text) => ({ name: text.slice(0, text.indexOf('\n')), text: text.replace(/^## [\s\S]*/m, '') }));

describe('docs/unproven.md', () => {
  test('every entry has a question in scripts/acceptance/questions, and every question an entry', () => {
    expect(QUESTIONS.map(({ name }) => name).sort()).toEqual(entries.map(({ name }) => name).sort());
  });

  test.each(entries)('$name says why it matters, what happens under either answer, and how to find out', ({ name, text }) => {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
    expect([...text.matchAll(/^\*\*(.+?)\*\* \S/gm)].map(([, heading]) => heading)).toEqual(['Why it matters.', 'Under either answer.', 'How to find out.']);
  });
});

describe('asking', () => {
  const log: string[] = [];
  const question = (name: string, changes: Question['changes'], ask: () => Promise<{ answer: string; evidence: string }>): Question => ({ name, changes, ask });
  const slow = (name: string, changes: Question['changes']) => question(name, changes, async () => {
    log.push(`begin ${name}`);
    await delay(20);
    log.push(`end ${name}`);
    return { answer: 'yes', evidence: name };
  });

  test('questions that change the same wait for each other, others do not', async () => {
    const told = await askAll({} as Run, [slow('one', 'endpoint'), slow('two', 'endpoint'), slow('three', 'nothing'), slow('four', 'training')]);
    expect(told.map(({ name, answer }) => [name, answer])).toEqual([['one', 'yes'], ['two', 'yes'], ['three', 'yes'], ['four', 'yes']]);
    expect(log.indexOf('begin two')).toBeGreaterThan(log.indexOf('end one'));
    expect(log.indexOf('begin four')).toBeLessThan(log.indexOf('end one'));
  });

  test('no answer has a reason, and a question that goes wrong is told from it', async () => {
    const told = await askAll({} as Run, [
      notInARun('too-big', 'it takes a thousand shards'),
      question('unlucky', 'nothing', async () => { throw new NotAnswered('the quotas sufficed'); }),
      question('broken', 'nothing', async () => { throw new TypeError('a defect'); }),
    ]);
    expect(told).toEqual([
      { name: 'too-big', evidence: 'it takes a thousand shards' }, { name: 'unlucky', evidence: 'the quotas sufficed' },
      { name: 'broken', isBroken: true, evidence: expect.stringContaining('TypeError: a defect') },
    ]);
    const lines: string[] = [];
    printAnswers((line) => lines.push(line), [...told, { name: 'known', answer: 'yes', evidence: 'an event' }]);
    expect(lines.join('\n')).toContain('  too-big\n    not answered\n    because: it takes a thousand shards');
    expect(lines.join('\n')).toContain('  known\n    yes\n    evidence: an event');
  });
});
