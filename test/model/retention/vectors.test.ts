// Retention on data: periods, evaluations, grace and amendments, with results worked out by hand from the rules' meaning.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/model/facts.ts';
import { ruledFactsOf } from '../../../src/model/retention/attributes.ts';
import {
  type Evaluation,
  eraseAfterWith,
  evaluateRetention,
  loweredMinimum,
} from '../../../src/model/retention/evaluate.ts';
import { isPeriod, type Period, periodEnd } from '../../../src/model/retention/period.ts';
import type { RetentionRules } from '../../../src/model/retention/rules.ts';

type Vectors = {
  readonly periods: readonly { name: string; start: string; period: Period; end: string }[];
  readonly rules: Readonly<Record<string, Pick<RetentionRules, 'keep' | 'erase'>>>;
  readonly begun: string;
  readonly evaluations: readonly { name: string; rules: string; facts: Facts; result: Partial<Evaluation> }[];
  readonly grace: readonly {
    name: string;
    grace: Period;
    changes: readonly { now: string; computed: string; eraseAfter: string }[];
  }[];
  readonly amendments: readonly {
    name: string;
    rules: string;
    before: Facts;
    after: Facts;
    retainUntil: string | null;
  }[];
};

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, '../../vectors/retention.json'), 'utf8')) as Vectors;

function evaluated(rules: string, facts: Facts): Evaluation {
  const named = vectors.rules[rules];
  if (named === undefined) throw new Error(`there are no rules ${rules}`);
  return evaluateRetention(named, ruledFactsOf(facts, vectors.begun));
}

describe('the end of a period', () => {
  it.each(vectors.periods)('$start and $period: $name', ({ start, period, end }) => {
    expect(isPeriod(period)).toBe(true);
    expect(periodEnd(start, period)).toBe(end);
  });
});

describe('an evaluation', () => {
  it.each(vectors.evaluations)('$rules: $name', ({ rules, facts, result }) => {
    expect(evaluated(rules, facts)).toMatchObject(result);
  });
});

describe('erase_after under a grace', () => {
  it.each(vectors.grace)('$name', ({ grace, changes }) => {
    let old: string | null = null;
    for (const { now, computed, eraseAfter } of changes) {
      old = eraseAfterWith({ computed, old, now, grace });
      expect(old).toBe(eraseAfter);
    }
  });
});

describe('retain_until of an amendment', () => {
  it.each(vectors.amendments)('$rules: $name', ({ rules, before, after, retainUntil }) => {
    expect(loweredMinimum(evaluated(rules, before), evaluated(rules, after))).toBe(retainUntil);
  });
});
