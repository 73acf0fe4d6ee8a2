// Retention rules as data: what is accepted, what is stored of it, each fault with its pointer, and the published schema.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../src/bytes/canonical-json.ts';
import { readRules } from '../../../src/model/retention/rules.ts';
import { MAX_RETENTION_BYTES, MAX_RULES, MAX_TEXTS, retentionJsonSchema } from '../../../src/model/retention/shape.ts';
import { anyRules } from '../../support/retention.ts';

const KEEP = { id: 'k', name: 'Trades', law: 'A clause', when: { queue: ['trading'] }, from: 'call', for: 'P5Y' };
const ERASE = { id: 'e', name: 'Archive', when: { queue: ['archive'] }, from: 'call', for: 'never' };
const LAST = { id: 'rest', name: 'The rest', when: {}, from: 'call', for: 'P6M' };
const RULES = { v: 1, grace: 'P7D', keep: [KEEP], erase: [ERASE, LAST] };

type Fields = readonly { readonly pointer: string; readonly detail: string }[];

function faultsOf(value: unknown, under?: string): Fields {
  try {
    readRules(value, under);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'malformed' });
    return (error as { fields: Fields }).fields;
  }
}

const pointersOf = (value: unknown) => faultsOf(value).map(({ pointer }) => pointer);
const keeping = (members: object) => ({ ...RULES, keep: [{ ...KEEP, ...members }] });
const erasing = (members: object) => ({ ...RULES, erase: [{ ...ERASE, ...members }, LAST] });
const without = (value: object, name: string) =>
  Object.fromEntries(Object.entries(value).filter(([member]) => member !== name));

describe('retention rules', () => {
  it('stay unchanged where they are in normal form', () => {
    expect(readRules(RULES)).toEqual(RULES);
    expect(readRules({ ...RULES, keep: [] })).toEqual({ ...RULES, keep: [] });
    fc.assert(fc.property(anyRules, (rules) => void expect(readRules(rules)).toEqual(rules)));
  });

  it('have the normal texts of their conditions, ascending, whatever the spelling', () => {
    const when = {
      ...{ queue: ['  Zürich', 'A\u3000', 'İ'], source: ['PBX-1'], direction: ['Outbound', 'inbound'] },
      ...{ language: ['zh-hant-tw', 'EN-gb', 'iw'], basis: ['None'], 'field:product': ['Life'] },
    };
    const read = readRules(keeping({ when }));
    expect(read.keep[0]?.when).toEqual({
      ...{ queue: ['a', 'i\u0307', 'zürich'], source: ['pbx-1'], direction: ['inbound', 'outbound'] },
      ...{ language: ['en-gb', 'he', 'zh-hant-tw'], basis: ['none'], 'field:product': ['life'] },
    });
    expect(readRules(read)).toEqual(read);
  });

  it.each([
    ['an event', { from: 'event:contract-ended' }],
    ['an event and a limit', { from: 'event:contract-ended', most: 'P10Y' }],
    ['days', { for: 'P36600D' }],
    ['a field whose name every object has', { when: { 'field:constructor': ['x'] } }],
    ['the longest texts', { name: 'x'.repeat(128), law: 'x'.repeat(256), id: 'x'.repeat(32) }],
  ])('can have %s', (_, members) => {
    expect(faultsOf(keeping(members))).toEqual([]);
  });
});

describe('a fault is named by its pointer', () => {
  it.each<[string, object, string]>([
    ['an id in capitals', { id: 'K' }, 'id'],
    ['an id that is too long', { id: 'k'.repeat(33) }, 'id'],
    ['an empty id', { id: '' }, 'id'],
    ['an id that is no text', { id: 1 }, 'id'],
    ['an empty name', { name: ' ' }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(129) }, 'name'],
    ['a name of two lines', { name: 'a\nb' }, 'name'],
    ['a name with half a character', { name: '\ud800' }, 'name'],
    ['a name that turns what follows', { name: 'a\u202eb' }, 'name'],
    ['an empty clause', { law: '' }, 'law'],
    ['a clause that is too long', { law: 'x'.repeat(257) }, 'law'],
    ['a start that is neither', { from: 'deposit' }, 'from'],
    ['an event without a name', { from: 'event:' }, 'from'],
    ['an event that no facts can have', { from: 'event:Contract' }, 'from'],
    ['an event with a name that is too long', { from: `event:${'x'.repeat(33)}` }, 'from'],
    ['a period of another unit', { for: 'P2W' }, 'for'],
    ['a period of nothing', { for: 'P0D' }, 'for'],
    ['a period over a century', { for: 'P101Y' }, 'for'],
    ['a period that is no text', { for: 30 }, 'for'],
    ['never, where it keeps', { for: 'never' }, 'for'],
    ['most from the call', { most: 'P1Y' }, 'most'],
    ['most that is no period', { from: 'event:a', most: 'never' }, 'most'],
    ['most that is null', { from: 'event:a', most: null }, 'most'],
    ['an unknown member', { until: 'x' }, ''],
    ['a condition that is a list', { when: [] }, 'when'],
    ['an unknown attribute', { when: { agent: ['x'] } }, 'when'],
    ['a field without a name', { when: { 'field:': ['x'] } }, 'when'],
    ['a field that no facts can have', { when: { 'field:Product': ['x'] } }, 'when'],
    ['an attribute that JSON can name and objects cannot', { when: JSON.parse('{"__proto__":["x"]}') }, 'when'],
    ['an empty list', { when: { queue: [] } }, 'when/queue'],
    ['a text for a list', { when: { queue: 'trading' } }, 'when/queue'],
    ['a list that is too long', { when: { queue: Array.from({ length: 101 }, (_, n) => `q${n}`) } }, 'when/queue'],
    ['one text in two spellings', { when: { queue: ['Trading', ' trading'] } }, 'when/queue'],
    ['a number', { when: { queue: [7] } }, 'when/queue/0'],
    ['an empty text', { when: { queue: ['a', '\u3000'] } }, 'when/queue/1'],
    ['a text that is too long', { when: { queue: ['x'.repeat(769)] } }, 'when/queue/0'],
    ['a text of two lines', { when: { queue: ['a\nb'] } }, 'when/queue/0'],
    ['half a character', { when: { 'field:a': ['\udfff'] } }, 'when/field:a/0'],
    ['an unknown direction', { when: { direction: ['inbound', 'in'] } }, 'when/direction/1'],
    ['an unknown sensitivity', { when: { sensitivity: ['secret'] } }, 'when/sensitivity/0'],
    ['an unknown basis', { when: { basis: ['none', 'law'] } }, 'when/basis/1'],
    ['a text that is no language tag', { when: { language: ['en', 'x_y'] } }, 'when/language/1'],
    ['a source that no call can have', { when: { source: ['a b'] } }, 'when/source/0'],
  ])('%s', (_, members, pointer) => {
    const faults = faultsOf(keeping(members));
    expect(faults).toEqual([
      { pointer: `/keep/0${pointer && `/${pointer}`}`, detail: expect.stringMatching(/^[a-z]/) },
    ]);
  });

  it.each<[string, object, string]>([
    ['a clause, which only keeping rules have', { law: 'x' }, '/erase/0'],
    ['never from an event', { from: 'event:a' }, '/erase/0/from'],
    ['never with most', { most: 'P1Y' }, '/erase/0/most'],
    ['a period that is none', { for: 'always' }, '/erase/0/for'],
    ['an id that a keeping rule has', { id: 'k' }, '/erase/0/id'],
    ['an id that another has', { id: 'rest' }, '/erase/1/id'],
    ['a rule for all before the last', { when: {} }, '/erase/0/when'],
  ])('of an erasing rule: %s', (_, members, pointer) => {
    expect(pointersOf(erasing(members))).toEqual([pointer]);
  });

  it.each<[string, unknown, readonly string[]]>([
    ['nothing', undefined, ['/']],
    ['null', null, ['/']],
    ['a list', [RULES], ['/']],
    ['another version', { ...RULES, v: 2 }, ['/v']],
    ['an unknown member', { ...RULES, rules: [] }, ['/']],
    ['a grace that is no period', { ...RULES, grace: '7d' }, ['/grace']],
    ['a grace of nothing', { ...RULES, grace: 'P0D' }, ['/grace']],
    ['no list of keeping rules', { ...RULES, keep: {} }, ['/keep']],
    ['a rule that is a text', { ...RULES, keep: ['x'] }, ['/keep/0']],
    ['no erasing rule', { ...RULES, erase: [] }, ['/erase']],
    ['a last rule that does not match all', { ...RULES, erase: [ERASE] }, ['/erase/0/when']],
    ['too many rules', { ...RULES, keep: numbered(MAX_RULES + 1) }, ['/keep']],
    ['too many bytes', { ...RULES, keep: numbered(MAX_RULES, '法'.repeat(256)) }, ['/']],
  ])('of the whole: %s', (_, value, pointers) => {
    expect(pointersOf(value)).toEqual(pointers);
  });

  it('where a member is absent', () => {
    for (const name of Object.keys(RULES)) {
      const faults = faultsOf(without(RULES, name));
      expect(faults).toEqual([{ pointer: `/${name}`, detail: 'is required' }]);
    }
    for (const name of Object.keys(KEEP))
      expect(faultsOf({ ...RULES, keep: [without(KEEP, name)] })).toEqual([
        { pointer: `/keep/0/${name}`, detail: 'is required' },
      ]);
    for (const name of Object.keys(ERASE))
      expect(faultsOf({ ...RULES, erase: [without(ERASE, name), LAST] })).toEqual([
        { pointer: `/erase/0/${name}`, detail: 'is required' },
      ]);
  });

  it('with all others at once, below the pointer of the rules', () => {
    const bad = { ...RULES, grace: 'x', keep: [{ ...KEEP, for: 'x' }], erase: [{ ...ERASE, id: 'k' }] };
    const pointers = faultsOf(bad, '/rules').map(({ pointer }) => pointer);
    expect(pointers).toEqual(['/rules/grace', '/rules/keep/0/for', '/rules/erase/0/id', '/rules/erase/0/when']);
    expect(() => readRules(bad, '/rules')).toThrow(/^the retention rules are not valid: \/rules\/grace must be P<n>D/);
  });

  it('once, where a text is wrong twice', () => {
    const when = { direction: ['in', 'in'] };
    expect(pointersOf(keeping({ when }))).toEqual(['/keep/0/when/direction/0', '/keep/0/when/direction/1']);
  });

  it('and never repeats the name of an unknown member or attribute', () => {
    const name = 'Ann Smith';
    for (const value of [{ ...RULES, [name]: 1 }, keeping({ [name]: 1 }), keeping({ when: { [name]: 1 } })])
      expect(JSON.stringify(faultsOf(value))).not.toContain(name);
  });

  it('not where the rules are at their limits', () => {
    expect(faultsOf({ ...RULES, keep: numbered(MAX_RULES) })).toEqual([]);
    const texts = Array.from({ length: MAX_TEXTS }, (_, n) => `q${n}`);
    expect(faultsOf(keeping({ when: { queue: texts } }))).toEqual([]);
    const size = (length: number) => canonicalBytes(fill(length)).length;
    const most = MAX_RETENTION_BYTES - size(0);
    expect(faultsOf(fill(most))).toEqual([]);
    expect(pointersOf(fill(most + 1))).toEqual(['/']);
  });
});

function numbered(count: number, law = 'x') {
  return Array.from({ length: count }, (_, n) => ({ ...KEEP, id: `k-${n}`, law }));
}

/** Rules with so many more characters in their texts. */
function fill(length: number) {
  let left = length;
  const take = () => {
    const some = Math.min(left, 700);
    left -= some;
    return 'x'.repeat(some);
  };
  const keep = numbered(MAX_RULES).map((rule) => ({ ...rule, when: { queue: [`q${take()}`] } }));
  return { ...RULES, keep };
}

it('the published schema names every member, with bounds and forms', () => {
  const base = { id: { pattern: '^[a-z0-9-]{1,32}$' }, name: { minLength: 1, maxLength: 128 } };
  expect(retentionJsonSchema()).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'callvault retention rules',
    additionalProperties: false,
    required: ['v', 'grace', 'keep', 'erase'],
    properties: {
      v: { const: 1 },
      keep: {
        maxItems: MAX_RULES,
        items: {
          additionalProperties: false,
          required: ['id', 'name', 'when', 'from', 'law', 'for'],
          properties: { ...base, law: { maxLength: 256 }, when: { propertyNames: { pattern: expect.any(String) } } },
        },
      },
      erase: { minItems: 1, items: { required: ['id', 'name', 'when', 'from', 'for'], properties: base } },
    },
  });
});

it('the published patterns accept what is accepted', () => {
  const schema = JSON.parse(JSON.stringify(retentionJsonSchema())) as {
    properties: Record<'keep' | 'erase', { items: { properties: Record<string, { pattern: string }> } }>;
  };
  fc.assert(
    fc.property(anyRules, (rules) => {
      for (const list of ['keep', 'erase'] as const)
        for (const rule of rules[list])
          for (const name of ['id', 'from', 'for', 'most'] as const) {
            const { pattern } = schema.properties[list].items.properties[name] ?? { pattern: '^$' };
            if (rule[name] !== undefined) expect(rule[name]).toMatch(new RegExp(pattern));
          }
    }),
  );
});
