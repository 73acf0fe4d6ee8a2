// The decisions: one form of title, status and date, and an index that lists each.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOP, textOf } from './documents.ts';

const FOLDER = 'docs/decisions';
const files = readdirSync(join(TOP, FOLDER))
  .filter((name) => name !== 'README.md')
  .sort();

/** Title, status and date, then the first section. A status is `accepted` or `superseded by`, with later changes after it. */
const HEAD =
  /^# (\d{4}) (.+)\n\n- Status: (?:accepted(?:; \S.*)?|superseded by \[\d{4}\]\(\d{4}-[a-z0-9-]+\.md\)(?:[:;] \S.*)?)\n- Date: (\d{4}-\d{2}-\d{2})\n\n\*\*Problem\.\*\* /;

const SECTIONS = ['Problem', 'Options', 'Outcome', 'Consequences'];

/** What is wrong with the form of a decision; empty if it is right. */
function faultsOf(name: string, text: string): string[] {
  const [, number, , date = ''] = HEAD.exec(text) ?? [];
  if (number === undefined) return ['title, status and date have another form'];
  const corrected = [...text.matchAll(/corrected (\d{4}-\d{2}-\d{2})/g)].map(([, day = '']) => day);
  const sections = [...text.matchAll(/^\*\*([A-Z][a-z]+)\.\*\* /gm)].map(([, section]) => section);
  return [
    ...(name.startsWith(`${number}-`) ? [] : [`the title says ${number}`]),
    ...(corrected.every((day) => day >= date) ? [] : ['corrected before its date']),
    ...(sections.join() === SECTIONS.join() ? [] : [`sections ${sections.join()}`]),
  ];
}

const GOOD = `# 0099 Title

- Status: accepted
- Date: 2026-11-25

**Problem.** One.

**Options.** Two.

**Outcome.** Three.

**Consequences.** Four.
`;

describe('the decisions', () => {
  it('are numbered without a gap', () => {
    expect(files.map((name) => Number(name.slice(0, 4)))).toEqual(files.map((_, index) => index + 1));
  });

  it.each(files)('%s has title, status, date and sections in one form', (name) => {
    expect(faultsOf(name, textOf(`${FOLDER}/${name}`))).toEqual([]);
  });

  it('are listed in the index, each once and by its title', () => {
    const listed = textOf(`${FOLDER}/README.md`).match(/^- \[.*$/gm) ?? [];
    const titles = files.map((name) => {
      const [, number, title] = HEAD.exec(textOf(`${FOLDER}/${name}`)) ?? [];
      return `- [${number}](${name}) ${title}`;
    });
    expect([...listed].sort()).toEqual(titles);
  });

  it('name only files that exist', () => {
    const named = files.flatMap((name) =>
      [...textOf(`${FOLDER}/${name}`).matchAll(/`((?:src|test|docs|scripts)\/[\w./-]+)`/g)].map(
        ([, path = '']) => path,
      ),
    );
    const missing = named.filter((path) => !existsSync(join(TOP, path)));
    expect(named.length).toBeGreaterThan(5);
    expect(missing).toEqual([]);
  });

  it.each([
    ['no status', GOOD.replace('- Status: accepted\n', '')],
    ['an unknown status', GOOD.replace('accepted', 'agreed')],
    ['no date', GOOD.replace('- Date: 2026-11-25\n', '')],
    ['another number', GOOD.replace('0099', '0098')],
    ['a correction before its date', GOOD.replace('accepted', 'accepted; corrected 2026-11-24: one')],
    ['a section missing', GOOD.replace('**Options.** Two.\n\n', '')],
  ])('has a fault for %s', (_, text) => {
    expect(faultsOf('0099-title.md', GOOD)).toEqual([]);
    expect(faultsOf('0099-title.md', text)).toHaveLength(1);
  });
});
