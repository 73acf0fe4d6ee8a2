// Every kind of thing that the log can name has a word.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { events } from '../../src/messages/en/events.ts';

const VAULT = join(import.meta.dirname, '..', '..', 'src', 'vault');

test('every object of an event has a word', () => {
  const files = readdirSync(VAULT, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const texts = files.map((path) => readFileSync(join(VAULT, path), 'utf8'));
  const named = texts.flatMap((text) => [...text.matchAll(/\btype: '([a-z_]+)', id\b/g)].map(([, kind]) => kind ?? ''));
  expect(named.length).toBeGreaterThan(20);
  // Actors: they are people, operators and the system, and have their own words.
  const actors = ['operator', 'system'];
  expect([...new Set(named)].filter((kind) => !(kind in events.kinds) && !actors.includes(kind))).toEqual([]);
});
