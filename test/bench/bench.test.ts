// Bench: its arithmetic on made-up numbers, the order of its rounds, and one small complete run.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtFile } from '../support/built.ts';
import { comparisonTable } from './report.ts';
import { type Comparison, type Figures, figuresOf, measure, percentile, ratioOf, spreadOf } from './rounds.ts';

const instant = async (): Promise<number> => 1;

function madeUp(target: number | null): Comparison {
  return {
    name: 'made up',
    product: { name: 'callvault', bytes: 2_097_152, time: instant },
    rivals: [{ name: 'rival', bytes: 1_048_576, time: instant, target }],
  };
}

function bench(...args: string[]) {
  return spawnSync(process.execPath, [builtFile('test/bench/bench.ts'), ...args], { encoding: 'utf8' });
}

describe('the stand-ins of the bench', () => {
  it.each([
    ['no-aes.ts', import('./no-aes.ts'), import('../../src/envelope/cobblestone.ts')],
    ['no-pace.ts', import('./no-pace.ts'), import('../../src/vault/core/media-budget.ts')],
  ])('%s exports what the module exports that it replaces', async (_, standIn, replaced) => {
    expect(Object.keys(await standIn).sort()).toEqual(Object.keys(await replaced).sort());
  });

  it.each([
    ['without-aes-hooks.mjs', 'src/envelope/cobblestone.ts'],
    ['without-pace-hooks.mjs', 'src/vault/core/media-budget.ts'],
  ])('%s names the file that is replaced', (hooks, file) => {
    const text = readFileSync(join(import.meta.dirname, hooks), 'utf8');
    const patterns = [...text.matchAll(/= \/(.+)\/;/g)].map(([, pattern]) => new RegExp(pattern ?? ''));
    expect(patterns.some((pattern) => pattern.test(`file:///x/${file}`))).toBe(true);
    expect(existsSync(join(import.meta.dirname, '../..', file))).toBe(true);
  });
});

describe('the statistics', () => {
  it('interpolate percentiles, in any order', () => {
    expect(percentile([3, 1, 2], 0.5)).toBe(2);
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(percentile([10, 0], 0.1)).toBeCloseTo(1);
    expect(percentile([7], 0.9)).toBe(7);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });

  it('leave the values as they were', () => {
    const values = Object.freeze([3, 1, 2]);
    expect(spreadOf(values)).toEqual({ median: 2, p10: 1.2, p90: 2.8 });
    expect(values).toEqual([3, 1, 2]);
  });

  it('use the median of the ratios of each round, not the ratio of the medians', () => {
    // Both are half as fast in the second half of the run, so the product is twice as fast in every round.
    expect(ratioOf([100, 100, 50, 50], [50, 50, 25, 25])).toEqual({ median: 2, p10: 2, p90: 2 });
    // Ratios 0.5, 4, 3; the medians would say 200 / 100.
    expect(ratioOf([100, 400, 200], [200, 100, 200 / 3]).median).toBeCloseTo(3);
  });

  it('reject different numbers of rounds', () => {
    expect(() => ratioOf([1, 2], [1])).toThrow(RangeError);
    expect(() => figuresOf(madeUp(1), [1, 2], [])).toThrow(RangeError);
  });

  it('say whether a target was met', () => {
    const met = (target: number | null) => figuresOf(madeUp(target), [90, 90, 90], [[100, 100, 100]]).rivals[0]?.met;
    expect(met(0.9)).toBe(true);
    expect(met(0.91)).toBe(false);
    expect(met(null)).toBe(null);
  });
});

describe('the rounds', () => {
  it('run the contenders in turn, and discard the first round', async () => {
    const ran: string[] = [];
    const contender = (name: string, milliseconds: number) => ({
      name,
      bytes: 1_000_000,
      time: async () => {
        ran.push(name);
        return ran.length <= 3 ? 1000 : milliseconds;
      },
    });
    const rivals = [contender('b', 4), contender('c', 1)].map((rival) => ({ ...rival, target: null }));
    const figures = await measure({ name: 'order', product: contender('a', 2), rivals }, 2);
    expect(ran.join('')).toBe('abcabcabc');
    expect(figures.product.mbPerSecond).toEqual({ median: 500, p10: 500, p90: 500 });
    expect(figures.rivals.map(({ name, ratio }) => [name, ratio.median])).toEqual([
      ['b', 2],
      ['c', 0.5],
    ]);
  });

  it('end with what a run throws', async () => {
    const broken = { ...madeUp(null).product, time: () => Promise.reject(new Error('not this one')) };
    await expect(measure({ ...madeUp(null), product: broken }, 1)).rejects.toThrow('not this one');
  });
});

describe('the table', () => {
  it('has a line for each contender, with ratio, spread, target and size', () => {
    const lines = comparisonTable(figuresOf(madeUp(0.9), [80, 80, 80], [[100, 100, 10]])).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^callvault +80 +2 MiB$/);
    expect(lines[2]).toMatch(/^rival +100 +0\.80× +0\.80× – 6\.56× +≥ 0\.9×: MISSED +1 MiB$/);
  });
});

describe('the bench itself', () => {
  it('prints one JSON object with all rivals', () => {
    const { stdout, stderr, status } = bench('--json', '--only', 'core', '--rounds', '2', '--size', '1');
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const { machine, rounds, comparisons }: { machine: string; rounds: number; comparisons: Figures[] } =
      JSON.parse(stdout);
    expect(machine).toContain(process.versions.node);
    expect(rounds).toBe(2);
    expect(comparisons.map(({ name }) => name)).toEqual(['core seal', 'core open']);
    for (const { product, rivals } of comparisons) {
      expect(product).toMatchObject({ name: 'callvault', bytes: 1_048_576 });
      expect(rivals.map(({ name, target }) => [name, target])).toEqual([
        ['raw loop', 0.9],
        ['AWS Encryption SDK, frame 4096', 5],
        ['AWS Encryption SDK, frame 65536', 1],
        ['age (typage)', null],
      ]);
      for (const { mbPerSecond, ratio } of rivals) {
        for (const { median, p10, p90 } of [mbPerSecond, ratio]) {
          expect(p10).toBeGreaterThan(0);
          expect(median).toBeGreaterThanOrEqual(p10);
          expect(p90).toBeGreaterThanOrEqual(median);
        }
      }
    }
  });

  it.each([
    ['--rounds', '0'],
    ['--size', '1.5'],
  ])('rejects %s %s', (...args) => {
    expect(bench('--json', ...args)).toMatchObject({
      stdout: '',
      status: 2,
      stderr: expect.stringMatching(new RegExp(`^bench: ${args[0]} must be .+\\n$`)),
    });
  });

  it('prints its usage for an unknown option and for --help', () => {
    expect(bench('--json', '--fast')).toMatchObject({
      stdout: '',
      status: 2,
      stderr: expect.stringContaining('usage:'),
    });
    expect(bench('--help')).toMatchObject({ stdout: expect.stringContaining('--store-endpoint'), status: 0 });
  });
});
