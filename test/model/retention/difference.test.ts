// The difference of two versions of retention rules: its lines, and what each does to recordings.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffRules, type RetentionLine } from '../../../src/model/retention/difference.ts';
import { evaluateRetention } from '../../../src/model/retention/evaluate.ts';
import type { Period } from '../../../src/model/retention/period.ts';
import { type EraseRule, type KeepRule, type RetentionRules, readRules } from '../../../src/model/retention/rules.ts';
import { anyNewErase, anyNewKeep, anyPeriod, anyRuledFacts, anyRules } from '../../support/retention.ts';

const base = { name: 'R', law: 'L', from: 'call' } as const;
const KEEP: readonly KeepRule[] = [
  { ...base, id: 'trades', when: { queue: ['fx', 'rates'] }, for: 'P5Y' },
  { ...base, id: 'sales', when: {}, from: 'event:contract-ended', for: 'P2Y', most: 'P10Y' },
];
const ERASE: readonly EraseRule[] = [
  { id: 'vip', name: 'R', when: { queue: ['vip'] }, from: 'call', for: 'P2Y' },
  { id: 'sensitive', name: 'R', when: { sensitivity: ['sensitive'] }, from: 'call', for: 'P30D' },
  { id: 'archive', name: 'R', when: { source: ['archive'] }, from: 'call', for: 'never' },
  { id: 'rest', name: 'R', when: {}, from: 'call', for: 'P6M' },
];
const RULES = readRules({ v: 1, grace: 'P7D', keep: KEEP, erase: ERASE });

const opposite = { longer: 'shorter', shorter: 'longer' } as const;
const turned = (effect: RetentionLine['effect']) => (effect === null ? null : opposite[effect]);
const shortOf = (lines: readonly RetentionLine[]) =>
  lines.map(({ list, rule, name, effect }) => [list, rule, name, effect]);

const keeping = (id: string, members: Partial<KeepRule>): RetentionRules => {
  return { ...RULES, keep: RULES.keep.map((rule) => (rule.id === id ? { ...rule, ...members } : rule)) };
};
const erasing = (id: string, members: Partial<EraseRule>): RetentionRules => {
  return { ...RULES, erase: RULES.erase.map((rule) => (rule.id === id ? { ...rule, ...members } : rule)) };
};
const inOrder = (...ids: readonly string[]): RetentionRules => {
  return { ...RULES, erase: ids.flatMap((id) => RULES.erase.filter((rule) => rule.id === id)) };
};

describe('the difference of two versions', () => {
  it('is empty between equal ones', () => {
    expect(diffRules(RULES, structuredClone(RULES))).toEqual([]);
  });

  it.each<[RetentionRules, RetentionLine['list'], string | null, string, RetentionLine['effect']]>([
    [{ ...RULES, grace: 'P1D' }, null, null, 'grace', 'shorter'],
    [{ ...RULES, grace: 'P1M' }, null, null, 'grace', 'longer'],
    [keeping('trades', { name: 'Orders' }), 'keep', 'trades', 'name', null],
    [keeping('trades', { law: 'M' }), 'keep', 'trades', 'law', null],
    [keeping('trades', { for: 'P61M' }), 'keep', 'trades', 'for', 'longer'],
    [keeping('trades', { for: 'P1825D' }), 'keep', 'trades', 'for', 'shorter'],
    [keeping('trades', { for: 'P1826D' }), 'keep', 'trades', 'for', null],
    [keeping('trades', { for: 'P60M' }), 'keep', 'trades', 'for', null],
    [keeping('trades', { from: 'event:closed' }), 'keep', 'trades', 'from', null],
    [keeping('trades', { when: { queue: ['fx'] } }), 'keep', 'trades', 'when', 'shorter'],
    [keeping('trades', { when: { queue: ['fx', 'rates'], basis: ['none'] } }), 'keep', 'trades', 'when', 'shorter'],
    [keeping('trades', { when: {} }), 'keep', 'trades', 'when', 'longer'],
    [keeping('trades', { when: { queue: ['fx', 'vip'] } }), 'keep', 'trades', 'when', null],
    [keeping('sales', { most: 'P11Y' }), 'keep', 'sales', 'most', 'longer'],
    [{ ...RULES, keep: KEEP.slice(0, 1) }, 'keep', 'sales', 'rule', 'shorter'],
    [{ ...RULES, keep: [...KEEP].reverse() }, 'keep', 'trades', 'order', null],
    [erasing('rest', { for: 'P1Y' }), 'erase', 'rest', 'for', 'longer'],
    [erasing('rest', { for: 'never' }), 'erase', 'rest', 'for', 'longer'],
    [erasing('archive', { for: 'P100Y' }), 'erase', 'archive', 'for', 'shorter'],
    [erasing('sensitive', { when: { sensitivity: ['normal', 'sensitive'] } }), 'erase', 'sensitive', 'when', 'shorter'],
    [erasing('vip', { when: { queue: ['a', 'vip'] } }), 'erase', 'vip', 'when', null],
    [inOrder('vip', 'archive', 'rest'), 'erase', 'sensitive', 'rule', 'longer'],
    [inOrder('vip', 'sensitive', 'rest'), 'erase', 'archive', 'rule', 'shorter'],
    [inOrder('vip', 'archive', 'sensitive', 'rest'), 'erase', 'sensitive', 'order', 'longer'],
    [inOrder('sensitive', 'vip', 'archive', 'rest'), 'erase', 'vip', 'order', 'shorter'],
  ])('has one line where one thing differs: %#', (to, list, rule, name, effect) => {
    expect(shortOf(diffRules(RULES, to))).toEqual([[list, rule, name, effect]]);
    if (name !== 'order') expect(shortOf(diffRules(to, RULES))).toEqual([[list, rule, name, turned(effect)]]);
  });

  it('says what each line was and is', () => {
    const most = diffRules(RULES, keeping('trades', { from: 'event:closed', for: 'P1Y', most: 'P9Y' }));
    expect(most).toEqual([
      { list: 'keep', rule: 'trades', name: 'from', from: 'call', to: 'event:closed', effect: null },
      { list: 'keep', rule: 'trades', name: 'for', from: 'P5Y', to: 'P1Y', effect: null },
      { list: 'keep', rule: 'trades', name: 'most', from: null, to: 'P9Y', effect: null },
    ]);
    const [added] = diffRules({ ...RULES, keep: KEEP.slice(1) }, RULES);
    expect(added).toEqual({ list: 'keep', rule: 'trades', name: 'rule', from: null, to: KEEP[0], effect: 'longer' });
    const [moved] = diffRules(RULES, inOrder('sensitive', 'archive', 'vip', 'rest'));
    expect(moved).toEqual({ list: 'erase', rule: 'vip', name: 'order', from: 0, to: 2, effect: null });
  });

  it('compares only with rules that have the same recordings', () => {
    const rule = (id: string, queue: readonly string[], period: Period): EraseRule => {
      return { id, name: 'R', when: { queue }, from: 'call', for: period };
    };
    const [a, b, c] = [rule('a', ['x'], 'P2Y'), rule('b', ['x', 'y'], 'P1Y'), rule('c', ['z'], 'P9Y')];
    const rest: EraseRule = { id: 'rest', name: 'R', when: {}, from: 'call', for: 'P5Y' };
    const of = (...erase: readonly EraseRule[]): RetentionRules => ({ ...RULES, erase });
    // Calls of a go to b, and never to the rest.
    expect(shortOf(diffRules(of(a, b, rest), of(b, rest)))).toEqual([['erase', 'a', 'rule', 'shorter']]);
    // No call is of both a and c.
    expect(shortOf(diffRules(of(a, c, rest), of(c, a, rest)))).toEqual([['erase', 'a', 'order', null]]);
    // What it matches more comes from the rest, not from what it was itself.
    const wider = { when: { source: ['archive', 'b'] }, for: 'P1Y' } as const;
    expect(shortOf(diffRules(RULES, erasing('archive', wider)))).toEqual([
      ['erase', 'archive', 'when', 'longer'],
      ['erase', 'archive', 'for', 'shorter'],
    ]);
  });

  it('takes a rule of the same id in the other list for another', () => {
    const to = {
      ...RULES,
      keep: [...KEEP, { ...base, id: 'vip', when: {}, for: 'P1Y' as const }],
      erase: ERASE.slice(1),
    };
    expect(shortOf(diffRules(RULES, to))).toEqual([
      ['keep', 'vip', 'rule', 'longer'],
      ['erase', 'vip', 'rule', null],
    ]);
  });
});

describe('over any rules', () => {
  it('a difference has a line for everything that differs, and turning it round turns its effects', () => {
    fc.assert(
      fc.property(anyRules, anyRules, (one, other) => {
        const lines = diffRules(one, other);
        expect(lines.length === 0).toBe(JSON.stringify(readRules(one)) === JSON.stringify(readRules(other)));
        const key = ({ list, rule, name }: RetentionLine) => [list, rule, name].join(' ');
        const back = new Map(diffRules(other, one).map((line) => [key(line), line]));
        for (const line of lines.filter(({ name }) => name !== 'order')) {
          const { from, to, effect } = line;
          expect(back.get(key(line))).toMatchObject({ from: to, to: from, effect: turned(effect) });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a line that says longer or shorter is right for every recording', () => {
    const edits = fc.oneof(
      anyPeriod.map((period) => (rules: RetentionRules, place: number) => edited(rules, place, 'for', period)),
      fc.option(anyPeriod, { nil: undefined }).map((period) => (rules: RetentionRules, place: number) => {
        return edited(rules, place, 'most', period);
      }),
      anyNewErase.map(
        ({ when }) =>
          (rules: RetentionRules, place: number) =>
            edited(rules, place, 'when', when),
      ),
      anyNewKeep.map((rule) => (rules: RetentionRules, place: number) => {
        const at = place % (rules.keep.length + 1);
        return { ...rules, keep: [...rules.keep.slice(0, at), rule, ...rules.keep.slice(at)] };
      }),
      anyNewErase.map((rule) => (rules: RetentionRules, place: number) => {
        const at = place % rules.erase.length;
        return { ...rules, erase: [...rules.erase.slice(0, at), rule, ...rules.erase.slice(at)] };
      }),
      fc.constant((rules: RetentionRules, place: number) => {
        const { id } = ruleAt(rules, place);
        const keep = rules.keep.filter((rule) => rule.id !== id);
        return {
          ...rules,
          keep,
          erase: rules.erase.filter((rule, n) => rule.id !== id || n === rules.erase.length - 1),
        };
      }),
      fc.nat().map((from) => (rules: RetentionRules, place: number) => {
        const moving = rules.erase.slice(0, -1);
        if (moving.length === 0) return rules;
        const [rule] = moving.splice(from % moving.length, 1);
        moving.splice(place % (moving.length + 1), 0, rule as EraseRule);
        return { ...rules, erase: [...moving, ...rules.erase.slice(-1)] };
      }),
    );
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(
        anyRules,
        edits,
        fc.nat(),
        fc.array(anyRuledFacts, { minLength: 20, maxLength: 20 }),
        (from, edit, place, all) => {
          const to = readRules(edit(from, place));
          const [line, ...others] = diffRules(from, to);
          if (line === undefined || others.length > 0 || line.effect === null) return;
          const kind = `${line.list} ${line.name}`;
          for (const facts of all) {
            const [was, is] = [from, to].map((rules) => {
              const { keeps, maximum } = evaluateRetention(rules, facts);
              const ends = keeps.map(({ until }) => until).sort();
              return line.list === 'keep' ? (ends.at(-1) ?? '') : maximum;
            }) as [string, string];
            expect(line.effect === 'longer' ? is >= was : is <= was).toBe(true);
            if (is !== was) seen.set(kind, (seen.get(kind) ?? 0) + 1);
          }
        },
      ),
      { numRuns: 6_000 },
    );
    const kinds = [
      'keep rule',
      'keep for',
      'keep when',
      'keep most',
      'erase rule',
      'erase for',
      'erase when',
      'erase most',
    ];
    for (const kind of [...kinds, 'erase order']) expect([kind, (seen.get(kind) ?? 0) > 10]).toEqual([kind, true]);
  });
});

function ruleAt({ keep, erase }: RetentionRules, place: number): KeepRule | EraseRule {
  const all = [...keep, ...erase];
  return all[place % all.length] as KeepRule | EraseRule;
}

/** The rules with one member of the rule at a place replaced, where that makes valid rules. */
function edited(rules: RetentionRules, place: number, name: 'for' | 'most' | 'when', value: unknown): RetentionRules {
  const { id, from } = ruleAt(rules, place);
  const last = rules.erase.at(-1)?.id === id;
  const never = name === 'for' && from === 'call' && rules.erase.some((rule) => rule.id === id) && place % 5 === 0;
  if ((name === 'most' && from === 'call') || (name === 'when' && last)) return rules;
  const change = <T extends { readonly id: string }>(rule: T): T => {
    if (rule.id !== id) return rule;
    const { [name as keyof T]: _, ...rest } = rule;
    return (value === undefined ? rest : { ...rest, [name]: never ? 'never' : value }) as T;
  };
  return { ...rules, keep: rules.keep.map(change), erase: rules.erase.map(change) };
}
