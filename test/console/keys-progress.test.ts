// Figures and steps of the keys page, computed from counts.
import { describe, expect, it } from 'vitest';
import {
  csvOf,
  durationInUnit,
  generationTone,
  isDone,
  isRetirable,
  stepFiguresOf,
  stepsOf,
} from '../../src/console/pages/keys/progress.ts';
import type { TenantKeys } from '../../src/console/pages/keys/queries.ts';
import { sparklinePath } from '../../src/console/pages/keys/use-rates.ts';

const none = { data_keys: 0, under_way: 0, envelopes: 0, metadata_key: false, tenant_json: false, ingest_keys: 0 };
const line = (generation: number, keys: number, behind = 0) => ({
  generation,
  keys,
  under_way: 0,
  envelopes_behind: behind,
  tenant_keks: 0,
  ingest_keys: 0,
});
const keys: TenantKeys = {
  tenant: 'ten_a',
  name: 'Haiyue Bank',
  state: 'active',
  key_scheme: 'kms',
  key_id: 'arn:aws:kms:eu-west-1:1:key/a',
  key_state: 'usable',
  key_reason: 'enabled',
  volume: false,
  generation: 4,
  minimum_generation: 3,
  counted: '2026-11-25T14:20:06.000Z',
  generations: [line(4, 11_287), line(3, 6_917)],
  left: { ...none, data_keys: 6_917 },
  last_rotation: null,
  running: null,
};
const running = (step: 'keys' | 'envelopes', rate: number | null) => ({
  ...{ step, since: null, by: null, done: 0, left: 0 },
  rate_per_s: rate,
});

describe('figures', () => {
  it('count the data keys first, with the remaining time at the current rate', () => {
    const figures = stepFiguresOf({ ...keys, running: running('keys', 49.6) });
    expect(figures).toEqual({ done: 11_287, total: 18_204, left: 6_917, percent: 62, seconds: 140 });
    expect(stepFiguresOf(keys).seconds).toBeNull();
    expect(stepFiguresOf({ ...keys, running: running('keys', 0) }).seconds).toBeNull();
  });

  it('count the envelopes once no key is left, and reach 100 % only at the end', () => {
    const generations = [line(4, 18_204, 3)];
    const figures = stepFiguresOf({ ...keys, generations, left: { ...none, envelopes: 3 } });
    expect(figures).toMatchObject({ done: 18_201, left: 3, percent: 99 });
    expect(stepFiguresOf({ ...keys, generations, left: none }).percent).toBe(100);
    expect(stepFiguresOf({ ...keys, generations: [], left: none }).percent).toBe(100);
  });
});

describe('steps', () => {
  const states = (of: TenantKeys) => stepsOf(of).map(([, state]) => state);

  it('are at the re-wrap while anything is left, then at retiring, then at none', () => {
    expect(states(keys)).toEqual(['done', 'done', 'now', 'locked', 'locked']);
    expect(states({ ...keys, left: none })).toEqual(['done', 'done', 'done', 'done', 'now']);
    expect(states({ ...keys, left: none, minimum_generation: 4 })).toEqual(['done', 'done', 'done', 'done', 'done']);
  });

  it('wait for uploads in progress before retiring, but not before the re-wrap', () => {
    const left = { ...none, under_way: 2 };
    expect([isDone({ left }), isRetirable({ ...keys, left })]).toEqual([true, false]);
    expect(states({ ...keys, left }).at(-1)).toBe('locked');
  });

  it('are not done while the metadata key, tenant.json or an envelope is at an older generation', () => {
    for (const more of [{ metadata_key: true }, { tenant_json: true }, { envelopes: 1 }, { ingest_keys: 1 }]) {
      expect(isDone({ left: { ...none, ...more } })).toBe(false);
    }
  });
});

it('classes a generation as current, previous or older', () => {
  expect([4, 3, 2, 1].map((generation) => generationTone(generation, 4))).toEqual(['g0', 'g1c', 'g2c', 'g2c']);
});

it.each([
  [0, { unit: 'seconds', count: 1 }],
  [89, { unit: 'seconds', count: 89 }],
  [361, { unit: 'minutes', count: 7 }],
  [7_300, { unit: 'hours', count: 2.1 }],
])('formats %i seconds in the most readable unit', (seconds, said) => {
  expect(durationInUnit(seconds)).toEqual(said);
});

it('writes the census as CSV with a line for each generation, without names', () => {
  const lines = csvOf([{ ...keys, name: 'a,b"' }]).split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[1]).toBe('ten_a,kms,arn:aws:kms:eu-west-1:1:key/a,usable,4,1,11287,0,0,0,0,2026-11-25T14:20:06.000Z');
  expect(lines[2]).toMatch(/,3,0,6917,/);
});

it('the curve ends at the right edge and is nothing before there are two rates', () => {
  expect(sparklinePath([])).toBe('');
  expect(sparklinePath([1])).toBe('');
  expect(sparklinePath([0, 10])).toMatch(/^M275\.3 42\.0 L280\.0 6\.0$/);
});
