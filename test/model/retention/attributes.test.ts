// What retention rules look at in facts, and the text of a profile.
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/model/facts.ts';
import { profileText, ruledFactsOf } from '../../../src/model/retention/attributes.ts';
import { evaluateRetention, matches } from '../../../src/model/retention/evaluate.ts';
import { eventsLookedAt, namesLookedAt, type RetentionRules } from '../../../src/model/retention/rules.ts';

const BEGUN = '2026-06-10T08:00:00.000Z';
const LEAST: Facts = { v: 1, source: 'PBX-1', call_id: '1', leg: '0', basis: { kind: 'consent' } };

describe('what rules look at', () => {
  it('is in normal text, the basis by its kind, and of a call without a sensitivity normal', () => {
    const facts: Facts = {
      ...LEAST,
      ...{ queue: ' Ventes\u3000É ', language: 'zh-Hant-TW', direction: 'inbound', fields: { product: 'Life ' } },
      ...{ started_at: '2026-01-02T03:04:05.006Z', retain_until: '2030-01-01T00:00:00.000Z' },
      events: { 'contract-ended': '2027-01-01T00:00:00.000Z' },
    };
    expect(ruledFactsOf(facts, BEGUN)).toEqual({
      startedAt: '2026-01-02T03:04:05.006Z',
      attributes: {
        ...{ queue: 'ventes\u3000é', source: 'pbx-1', direction: 'inbound', language: 'zh-hant-tw' },
        ...{ sensitivity: 'normal', basis: 'consent', 'field:product': 'life' },
      },
      events: { 'contract-ended': '2027-01-01T00:00:00.000Z' },
      retainUntil: '2030-01-01T00:00:00.000Z',
    });
  });

  it('leaves out what the facts do not have, and texts of white space', () => {
    const attributes = { source: 'pbx-1', sensitivity: 'normal', basis: 'consent' };
    const none = { startedAt: BEGUN, attributes, events: {}, retainUntil: null };
    expect(ruledFactsOf(LEAST, BEGUN)).toEqual(none);
    expect(ruledFactsOf({ ...LEAST, queue: '\u0085' }, BEGUN)).toEqual(none);
  });

  it('is no member that every object inherits', () => {
    const facts = ruledFactsOf(LEAST, BEGUN);
    expect(matches({ ['constructor' as 'queue']: ['x'] }, facts)).toBe(false);
    const rule = { id: 'r', name: 'r', when: {}, from: 'event:constructor', for: 'P1D' } as const;
    const rules: Pick<RetentionRules, 'keep' | 'erase'> = { keep: [], erase: [rule] };
    expect(evaluateRetention(rules, facts).waitsFor).toBe('constructor');
  });
});

describe('a profile', () => {
  const { attributes } = ruledFactsOf({ ...LEAST, queue: 'Sales', fields: { b: 'B"', a: 'A' } }, BEGUN);

  it('is canonical JSON of the attributes that rules look at', () => {
    const names = ['queue', 'field:b', 'direction', 'basis', 'field:a'] as const;
    const text = '{"basis":"consent","field:a":"a","field:b":"b\\"","queue":"sales"}';
    expect(profileText(attributes, names)).toBe(text);
    expect(profileText(attributes, [...names].reverse())).toBe(text);
    expect(profileText(attributes, [])).toBe('{}');
  });

  it('has the attributes of both lists, and events apart', () => {
    const base = { name: 'r', for: 'P1D' } as const;
    const rules: Pick<RetentionRules, 'keep' | 'erase'> = {
      keep: [{ ...base, id: 'k', law: 'x', when: { queue: ['a'], 'field:b': ['b'] }, from: 'event:ended' }],
      erase: [
        { ...base, id: 'e', when: { queue: ['b'], basis: ['consent'] }, from: 'event:closed' },
        { ...base, id: 'rest', when: {}, from: 'call' },
      ],
    };
    expect(namesLookedAt(rules)).toEqual(['basis', 'field:b', 'queue']);
    expect(eventsLookedAt(rules)).toEqual(['closed', 'ended']);
  });
});
