// Every class that pages name has a rule in a style sheet.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const CONSOLE = join(import.meta.dirname, '../../src/console');

function textsOf(ending: string): { readonly path: string; readonly text: string }[] {
  return readdirSync(CONSOLE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => ({ path, text: readFileSync(join(CONSOLE, path), 'utf8') }));
}

test('every class of a page has a rule in some sheet', () => {
  const sheets = textsOf('.css').map(({ text }) => text);
  const known = new Set(sheets.flatMap((text) => [...text.matchAll(/\.([a-z][\w-]*)/gi)].map(([, name]) => name)));
  const named = textsOf('.tsx').flatMap(({ path, text }) =>
    [...text.matchAll(/className="([^"]+)"/g)].flatMap(([, names = '']) =>
      names.split(' ').map((name) => ({ path, name })),
    ),
  );
  expect(named.length).toBeGreaterThan(500);
  expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
});
