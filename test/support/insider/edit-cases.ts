// The cases of docs/operations/insider-edits.md: each edit in a copy of one history, and what finds it.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sealTenant } from '../sealed-tenant.ts';
import type { EngineName } from '../vault.ts';
import { type Copy, makeOriginal, type Original } from './copies.ts';
import { FINDERS } from './finders.ts';
import type { Edit, Edits } from './log-edits.ts';

type Case = {
  readonly title: string;
  readonly found: readonly (readonly [finder: string, codes: readonly string[]])[];
};

/** These hold the log or write to it: each gets a copy that nothing else looks at. */
const ALONE = ['start', 'sealing'];

/** The lines of the page, by section. */
export function linesOfPage(section: string): Case[] {
  const page = readFileSync('docs/operations/insider-edits.md', 'utf8');
  const text = page.split(/^## /m).find((part) => part.startsWith(section)) ?? '';
  const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| edit '));
  return rows.map((row) => {
    const [title = '', cell = ''] = row.slice(2, -2).split(' | ');
    const found = cell.split('; ').map((one) => {
      const [finder = '', codes = ''] = one.split(': ');
      return [finder, codes.split(', ').map((code) => code.replaceAll('`', ''))] as const;
    });
    return { title, found };
  });
}

/** A test for each line, or for those with these titles; each needs its edit. */
export function testEdits(engine: EngineName, section: string, edits: Edits, only?: readonly string[]): void {
  let original: Original;
  const lines = linesOfPage(section).filter(({ title }) => only?.includes(title) ?? true);
  beforeAll(async () => {
    original = await makeOriginal(engine);
  });
  afterAll(() => original.end());

  const whole = only === undefined ? it : null;
  whole?.('has an edit for each line, and a line for each edit', () => {
    expect(lines.map(({ title }) => title).sort()).toEqual(Object.keys(edits).sort());
  });

  it('finds nothing in the history without an edit', async () => {
    for (const finder of Object.keys(FINDERS))
      expect(await foundIn(original, sealedOnly, [finder], ''), finder).toEqual([[finder, []]]);
  });

  it.each(lines)('$title', async ({ title, found }) => {
    const edit = edits[title] ?? expect.fail(`there is no such edit: ${title}`);
    const shared = found.map(([finder]) => finder).filter((finder) => !ALONE.includes(finder));
    const alone = ALONE.filter((finder) => found.some(([name]) => name === finder));
    const results = new Map<string, readonly string[]>();
    for (const finders of [shared, ...alone.map((finder) => [finder])])
      for (const [finder, codes] of await foundIn(original, edit, finders, title)) results.set(finder, codes);
    for (const [finder, codes] of found)
      expect(results.get(finder), finder).toEqual(expect.arrayContaining([...codes]));
    expect(results.get('log verify')?.filter((code) => code.startsWith('only ')) ?? [], 'the programs agree').toEqual(
      [],
    );
  });
}

/** What is open at the end is sealed, and the receipts of it are compared. */
const sealedOnly: Edit = async (copy) => {
  await sealTenant(copy, copy.history.tenant);
  return { receipts: copy.history.receipts };
};

async function foundIn(
  original: Original,
  edit: Edit,
  finders: readonly string[],
  title: string,
): Promise<(readonly [string, readonly string[]])[]> {
  if (finders.length === 0) return [];
  const copy: Copy = await original.copy();
  try {
    const { history } = copy;
    const auditor = (await edit(copy)) ?? {};
    const log = title.includes('suspended') ? history.suspended : history.tenant;
    const results: (readonly [string, readonly string[]])[] = [];
    for (const finder of finders) results.push([finder, (await FINDERS[finder]?.(copy, log, auditor)) ?? []]);
    return results;
  } finally {
    await copy.end();
  }
}
