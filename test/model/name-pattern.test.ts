// Patterns over names of files: what JavaScript's own engine finds, in time that grows with the name alone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namePattern } from '../../src/model/name-pattern.ts';

const DOCS = ['docs/relay.md', 'docs/zh-CN/relay.md', 'docs/recipes/README.md'];
const textOf = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
/** The patterns of the pages, of configurations and of command lines. */
const DOCUMENTED = [
  ...DOCS.flatMap((path) => [...textOf(path).matchAll(/"match": ("(?:[^"\\]|\\.)*")/g)]).map(
    ([, text]) => JSON.parse(text ?? '') as string,
  ),
  ...[...textOf('docs/import.md').matchAll(/--pattern '([^']+)'/g)].map(([, text]) => text ?? ''),
];
const NAMES = [
  '4420794601-4001-20261129-180102-1732849262.17.wav',
  '4001/20260302-091504_in_c-17.wav',
  '0b0e7e6e-1c43-4a68-9d26-8f3f5d1b7f10.wav',
  'pbx-1772442904.17.wav',
  'a84b4c76e66710-9f2c3d4e5a6b7c8d-mix.wav',
];

describe('a pattern of names', () => {
  it('that is documented finds what JavaScript finds', () => {
    expect(DOCUMENTED.length).toBeGreaterThanOrEqual(6);
    const names = fc.oneof(
      fc.constantFrom(...NAMES),
      fc
        .tuple(fc.constantFrom(...NAMES), fc.nat(30), fc.constantFrom('', '-', '.', 'a', '1', '_', 'Ü', '😀'))
        .map(([name, at, put]) => name.slice(0, at) + put + name.slice(at + 1)),
    );
    for (const pattern of DOCUMENTED) {
      const match = namePattern(pattern);
      const own = new RegExp(pattern, 'u');
      expect(NAMES.some((name) => match(name) !== null)).toBe(true);
      fc.assert(
        fc.property(names, (name) => {
          const groups = own.exec(name)?.groups;
          expect(match(name) ?? undefined).toEqual(groups === undefined ? undefined : { ...groups });
        }),
      );
    }
  });

  it.each([
    '^(?<call_id>(\\w+-?)+)\\.wav$',
    '^(?<call_id>(a|a|aa)*)\\.wav$',
    '^(?<call_id>.*.*.*.*.*.*.*.*)\\.wav$',
    '(?<call_id>(?:(?:a?){40}){20})\\.wav$',
  ])('takes a moment for a long name that does not match: %s', (pattern) => {
    const match = namePattern(pattern);
    const before = process.cpuUsage();
    expect(match(`${'a'.repeat(1_000)}!.wave`)).toBeNull();
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(2_000_000);
  });

  it.each(['(?=x)', '(?!x)', '(?<=x)', '(?<!x)'])('with %s is rejected with the reason', (look) => {
    expect(() => namePattern(`(?<call_id>.+)${look}`)).toThrow(/cannot be matched in linear time.*lookahead/);
  });

  it.each(['(?<call_id>a)\\1', '(?<call_id>a)\\k<call_id>', '(?<call_id>a{2000})'])('%s is rejected', (pattern) => {
    expect(() => namePattern(pattern)).toThrow('linear time');
  });

  it('that is none is rejected', () => {
    for (const pattern of ['(', '(?P<call_id>x)', '[z-a]', '(?i)x'])
      expect(() => namePattern(pattern)).toThrow('not a regular expression');
  });
});
