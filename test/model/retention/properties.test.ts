// Properties of evaluations, over any rules and facts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Evaluation,
  eraseAfterWith,
  evaluateRetention,
  loweredMinimum,
} from '../../../src/model/retention/evaluate.ts';
import { FOR_EVER, type Period, periodEnd } from '../../../src/model/retention/period.ts';
import { anyAmendment, anyPeriod, anyRuledFacts, anyRules, anyTime } from '../../support/retention.ts';

const runs = { numRuns: 2_000 };
const later = (one: string | null, other: string | null): string | null =>
  one === null || (other !== null && other > one) ? other : one;

describe('an evaluation', () => {
  it('keeps as long as the longest of its rules and retain_until, and erases no earlier', () => {
    let kept = 0;
    fc.assert(
      fc.property(anyRules, anyRuledFacts, (rules, facts) => {
        const { keepUntil, keptBy, eraseAfter, maximum, erasedBy, keeps } = evaluateRetention(rules, facts);
        const alone = rules.keep.map((rule) => {
          const own = { ...facts, retainUntil: null };
          return evaluateRetention({ keep: [rule], erase: rules.erase }, own).keepUntil;
        });
        expect(keepUntil).toBe([...alone, facts.retainUntil].reduce(later, null));
        expect(eraseAfter).toBe(later(keepUntil, maximum));
        if (keptBy !== null && keptBy !== 'retain_until')
          expect(keeps.find(({ rule }) => rule === keptBy)?.until).toBe(keepUntil);
        expect(rules.erase.map(({ id }) => id)).toContain(erasedBy);
        if (keeps.length > 1) kept += 1;
      }),
      runs,
    );
    expect(kept).toBeGreaterThan(300);
  });

  it('is the same in any order of the keeping rules, but for the name of one that ends together with others', () => {
    fc.assert(
      fc.property(anyRules, anyRuledFacts, (rules, facts) => {
        const turned = evaluateRetention({ ...rules, keep: [...rules.keep].reverse() }, facts);
        const { keepUntil, eraseAfter, erasedBy } = evaluateRetention(rules, facts);
        expect(turned).toMatchObject({ keepUntil, eraseAfter, erasedBy });
      }),
      runs,
    );
  });

  it('is moved only by the event that it waits for', () => {
    let waited = 0;
    fc.assert(
      fc.property(anyRules, anyRuledFacts, anyTime, (rules, facts, at) => {
        const { eraseAfter, waitsFor } = evaluateRetention(rules, facts);
        if (waitsFor === null) return;
        waited += 1;
        expect(facts.events[waitsFor]).toBeUndefined();
        // An event so late that every rule that waits for it ends after what it waited until, or at the same end.
        const reported = { ...facts, events: { ...facts.events, [waitsFor]: '9999-12-01T00:00:00.000Z' } };
        expect(evaluateRetention(rules, reported).eraseAfter >= eraseAfter || eraseAfter === FOR_EVER).toBe(true);
        const early = { ...facts, events: { ...facts.events, [waitsFor]: at } };
        expect(evaluateRetention(rules, early).keeps).toHaveLength(evaluateRetention(rules, facts).keeps.length);
      }),
      runs,
    );
    expect(waited).toBeGreaterThan(200);
  });
});

describe('erase_after', () => {
  it('never comes earlier than the grace after a change, and ends where the rules say once that has passed', () => {
    const changes = fc.array(fc.tuple(anyTime, fc.oneof(anyTime, fc.constant(FOR_EVER))), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(changes, anyPeriod, (unordered, grace: Period) => {
        let old: string | null = null;
        for (const [now, computed] of [...unordered].sort(([a], [b]) => (a < b ? -1 : 1))) {
          const before: string | null = old;
          old = eraseAfterWith({ computed, old, now, grace });
          expect(old >= computed).toBe(true);
          // It is one of the three, and only the grace or what was due before is later than the rules say.
          expect([computed, before, periodEnd(now, grace)]).toContain(old);
          if (before === null || before > periodEnd(now, grace)) expect(old >= periodEnd(now, grace)).toBe(true);
          else expect(old >= before).toBe(true);
          expect(eraseAfterWith({ computed, old, now, grace })).toBe(old);
        }
      }),
      runs,
    );
  });
});

describe('retain_until of amendments', () => {
  const known = ({ keeps, retainUntil }: Evaluation): string | null =>
    [retainUntil, ...keeps.flatMap(({ until, waitsFor }) => (waitsFor === null ? [until] : []))].reduce(later, null);

  it('is the old minimum where the new one is earlier and no rule waits', () => {
    let lowered = 0;
    fc.assert(
      fc.property(anyRules, anyRuledFacts, anyRuledFacts, (rules, before, after) => {
        const calls = { ...rules, keep: rules.keep.filter(({ from }) => from === 'call') };
        const amended = { ...after, retainUntil: later(before.retainUntil, after.retainUntil) };
        const [old, now] = [evaluateRetention(calls, before), evaluateRetention(calls, amended)];
        const falls = old.keepUntil !== null && (now.keepUntil === null || now.keepUntil < old.keepUntil);
        expect(loweredMinimum(old, now)).toBe(falls ? old.keepUntil : null);
        if (falls) lowered += 1;
      }),
      runs,
    );
    expect(lowered).toBeGreaterThan(200);
  });

  it('lets no history of amendments lower a known end, and the minimum only by reports', () => {
    let [raised, reports] = [0, 0];
    const amendments = fc.array(anyAmendment, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(anyRules, anyRuledFacts, amendments, (rules, first, changes) => {
        let facts = first;
        let old = evaluateRetention(rules, facts);
        for (const change of changes) {
          facts = change(facts);
          const must = loweredMinimum(old, evaluateRetention(rules, facts));
          if (must !== null) {
            expect(facts.retainUntil === null || must > facts.retainUntil).toBe(true);
            facts = { ...facts, retainUntil: must };
            raised += 1;
          }
          const now = evaluateRetention(rules, facts);
          const [was, is] = [known(old), known(now)];
          expect(was === null || (is !== null && is >= was)).toBe(true);
          if (old.keepUntil !== null && (now.keepUntil === null || now.keepUntil < old.keepUntil)) {
            const waits = old.keeps.flatMap(({ until, waitsFor }) => (until === old.keepUntil ? [waitsFor] : []));
            expect(waits.some((event) => event !== null && event in facts.events)).toBe(true);
            reports += 1;
          }
          expect(loweredMinimum(old, now)).toBeNull();
          old = now;
        }
      }),
      { numRuns: 5_000 },
    );
    expect(raised).toBeGreaterThan(200);
    expect(reports).toBeGreaterThan(50);
  });
});
