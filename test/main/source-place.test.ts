// Places in the sources of what the build joined.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { sourcePlace } from '../../src/main/source-place.ts';
import { builtBin } from '../support/built.ts';

const SERVER = join(dirname(builtBin()), '../dist/server');
const SOURCE = 'src/main/log.ts';
const DECLARED = 'function errorOrigin(';

/** Line and column of a text in a file, from 1. */
function placeOf(file: string, text: string): { readonly line: number; readonly column: number } {
  const before = readFileSync(file, 'utf8').split(text)[0]?.split('\n') ?? [];
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

it('names the source of a place in the build', () => {
  const files = readdirSync(SERVER).filter((name) => name.endsWith('.js'));
  const file = files.map((name) => join(SERVER, name)).find((path) => readFileSync(path, 'utf8').includes(DECLARED));
  const built = placeOf(file ?? '', DECLARED);
  const { line } = placeOf(join(import.meta.dirname, '../..', SOURCE), DECLARED);
  expect(built.line).not.toBe(line);
  const place = `${pathToFileURL(file ?? '')}:${built.line}:${built.column}`;
  const found = sourcePlace(`at errorOrigin (${place})`);
  expect(found).toMatch(new RegExp(`^at errorOrigin \\(\\S*${SOURCE}:${line}:\\d+\\)$`));
  expect(sourcePlace(`at errorOrigin (${place})`)).toBe(found);
});

it('leaves a place that has no map as it is', () => {
  for (const line of [
    'at node:internal/fs:1:2',
    'at f (file:///x/src/main.ts:1:2)',
    'at f (file:///x/dist/server/a.js:1:2)',
  ])
    expect(sourcePlace(line)).toBe(line);
});
