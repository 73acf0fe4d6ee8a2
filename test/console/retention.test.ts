// Retention rules in the console: the rows of a difference, and the draft that a form edits.
import { describe, expect, it } from 'vitest';
import {
  draftOf,
  faultsOf,
  firstRules,
  rulesFrom,
  withMoved,
  withNewRule,
  withRule,
} from '../../src/console/pages/retention/edit/draft.ts';
import { type Rules, rowsOf } from '../../src/console/retention/rules.ts';
import { retention } from '../../src/messages/en/retention.ts';
import { diffRules } from '../../src/model/retention/difference.ts';
import { PACKS, rulesOfPack } from '../../src/model/retention/packs/packs.ts';
import type { RetentionRules } from '../../src/model/retention/rules.ts';
import { readRules } from '../../src/model/retention/rules.ts';

const RULES: RetentionRules = {
  v: 1,
  grace: 'P7D',
  keep: [{ id: 'law', name: 'Law', law: 'A', when: {}, from: 'event:ended', for: 'P5Y', most: 'P9Y' }],
  erase: [
    { id: 'one', name: 'One', when: { queue: ['a'] }, from: 'call', for: 'P1M' },
    { id: 'two', name: 'Two', when: { queue: ['b'] }, from: 'call', for: 'never' },
    { id: 'rest', name: 'Rest', when: {}, from: 'call', for: 'P1Y' },
  ],
};

describe('the rows of a list', () => {
  it('have no mark where there is nothing to compare with', () => {
    expect(rowsOf('erase', null, RULES as Rules, []).map(({ mark, place }) => [mark, place])).toEqual([
      [null, 1],
      [null, 2],
      [null, 3],
    ]);
  });

  it('mark what is new, changed, moved and removed', () => {
    const [one, two, rest] = RULES.erase;
    if (one === undefined || two === undefined || rest === undefined) throw new Error('there are three rules');
    const added = { ...one, id: 'new', when: { queue: ['c'] } };
    const set: RetentionRules = { ...RULES, keep: [], erase: [two, one, added, { ...rest, for: 'P2Y' }] };
    const difference = diffRules(RULES, set);
    const marks = (list: 'keep' | 'erase') =>
      rowsOf(list, RULES as Rules, set as Rules, difference).map(({ rule, mark, place }) => [rule.id, mark, place]);
    expect(marks('keep')).toEqual([['law', 'removed', null]]);
    expect(marks('erase').filter(([id]) => id === 'new' || id === 'rest')).toEqual([
      ['new', 'new', 3],
      ['rest', 'changed', 4],
    ]);
    expect(marks('erase').filter(([, mark]) => mark === 'moved')).toHaveLength(1);
  });
});

describe('a draft', () => {
  const packs = PACKS.map((pack) => rulesOfPack(pack, retention.packs[pack.id as keyof typeof retention.packs]));

  it.each([RULES, ...packs])('says what the rules say that it was made from', (rules) => {
    const draft = draftOf(rules as Rules);
    expect(faultsOf(draft)).toEqual([]);
    expect(rulesFrom(draft)).toEqual(rules);
  });

  it('gets a promise before the last, and names what it lacks', () => {
    const { draft, key } = withNewRule(draftOf(firstRules('all')), 'erase');
    expect(draft.erase.map(({ id }) => id)).toEqual(['rule-2', 'rest']);
    expect(faultsOf(draft)).toEqual([
      { rule: key, fault: 'name' },
      { rule: key, fault: 'when' },
    ]);
    const [added] = draft.erase;
    if (added === undefined) throw new Error('there is the new rule');
    const when = [{ key: 0, attribute: 'queue', texts: ['Cards'] }];
    const full = withRule(draft, 'erase', key, { ...added, name: 'Cards', when });
    expect(faultsOf(full)).toEqual([]);
    expect(readRules(rulesFrom(full)).erase[0]).toMatchObject({ name: 'Cards', when: { queue: ['cards'] } });
    expect(faultsOf(withRule(draft, 'erase', key, { ...added, name: 'Cards', when: [] }))).toEqual([
      { rule: key, fault: 'all' },
    ]);
    expect(withRule(draft, 'erase', key, null).erase.map(({ id }) => id)).toEqual(['rest']);
  });

  it('moves rules, and joins two conditions on one attribute', () => {
    const draft = draftOf(RULES as Rules);
    const key = draft.erase[1]?.key ?? 0;
    expect(withMoved(draft, 'erase', key, -1).erase.map(({ id }) => id)).toEqual(['two', 'one', 'rest']);
    expect(withMoved(draft, 'keep', draft.keep[0]?.key ?? 0, 1)).toEqual(draft);
    const [one] = draft.erase;
    if (one === undefined) throw new Error('there is a rule');
    const when = ['a', 'b'].map((text, n) => ({ key: n, attribute: 'queue', texts: ['a', text] }));
    expect(rulesFrom(withRule(draft, 'erase', one.key, { ...one, when })).erase[0]?.when).toEqual({
      queue: ['a', 'b'],
    });
  });

  it('names periods, ids, fields and events that are none', () => {
    const draft = draftOf(RULES as Rules);
    const [law] = draft.keep;
    if (law === undefined) throw new Error('there is a rule');
    const wrong = {
      ...law,
      ...{ id: 'one', law: ' ', event: 'Not this', period: { count: '' as const, unit: 'D' as const } },
      when: [{ key: 0, attribute: 'field:Bad', texts: ['x'] }],
    };
    const faults = faultsOf({ ...withRule(draft, 'keep', law.key, wrong), grace: { count: 0, unit: 'D' } });
    expect(faults.map(({ fault }) => fault)).toEqual(['law', 'field', 'event', 'period', 'same_id', 'period']);
  });
});
