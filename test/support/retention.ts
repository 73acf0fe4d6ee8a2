// Retention rules and facts for property tests: any that the schema accepts, from few names, so that they often meet.
import fc from 'fast-check';
import type { AttributeName, RuledFacts } from '../../src/model/retention/attributes.ts';
import type { Period } from '../../src/model/retention/period.ts';
import type { Condition, EraseRule, KeepRule, RetentionRules } from '../../src/model/retention/rules.ts';

const TEXTS = {
  queue: ['sales', 'claims', 'vip'],
  source: ['pbx', 'acd'],
  direction: ['inbound', 'outbound', 'internal'],
  language: ['en', 'zh-cn'],
  sensitivity: ['normal', 'sensitive'],
  basis: ['consent', 'contract'],
  'field:product': ['life', 'health'],
} as const satisfies { readonly [name in AttributeName]?: readonly string[] };

const NAMES = Object.keys(TEXTS) as (keyof typeof TEXTS)[];
const EVENTS = ['contract-ended', 'dispute-ended'] as const;

/** A period of at most a few years. */
export const anyPeriod: fc.Arbitrary<Period> = fc.oneof(
  fc.integer({ min: 1, max: 800 }).map((days): Period => `P${days}D`),
  fc.integer({ min: 1, max: 40 }).map((months): Period => `P${months}M`),
  fc.integer({ min: 1, max: 12 }).map((years): Period => `P${years}Y`),
);

/** A UTC time of a dozen years. */
export const anyTime: fc.Arbitrary<string> = fc
  .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2031-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

const someTexts = (name: keyof typeof TEXTS) => fc.subarray([...TEXTS[name]].sort(), { minLength: 1 });

const anyCondition: fc.Arbitrary<Condition> = fc
  .subarray(NAMES, { minLength: 1, maxLength: 2 })
  .chain((names) => fc.tuple(...names.map((name) => someTexts(name).map((texts) => [name, texts] as const))))
  .map((entries) => Object.fromEntries(entries) as Condition);

const fromCall = fc.record({ from: fc.constant('call' as const), for: anyPeriod });
const fromEvent = fc
  .record({
    from: fc.constantFrom(...EVENTS).map((name) => `event:${name}` as const),
    for: anyPeriod,
    most: fc.option(anyPeriod, { freq: 2, nil: undefined }),
  })
  .map(({ most, ...rest }) => (most === undefined ? rest : { ...rest, most }));
const anyStart = fc.oneof(fromCall, fromEvent);
const never = fc.constant({ from: 'call', for: 'never' } as const);

const anyKeep = fc
  .tuple(fc.oneof(anyCondition, fc.constant<Condition>({})), anyStart)
  .map(([when, start]) => ({ when, law: 'a clause', ...start }));
const anyErase = fc.tuple(anyCondition, fc.oneof({ weight: 5, arbitrary: anyStart }, never));
const anyLast = fc.oneof({ weight: 5, arbitrary: anyStart }, never);

/** A keeping rule, and an erasing one that is not the last, with the id `new`. */
export const anyNewKeep: fc.Arbitrary<KeepRule> = anyKeep.map((rule) => ({ id: 'new', name: 'New', ...rule }));
export const anyNewErase: fc.Arbitrary<EraseRule> = anyErase.map(([when, start]) => {
  return { id: 'new', name: 'New', when, ...start };
});

/** Rules that the schema accepts, in their normal form. */
export const anyRules: fc.Arbitrary<RetentionRules> = fc
  .record({
    grace: fc.integer({ min: 1, max: 60 }).map((days): Period => `P${days}D`),
    keep: fc.array(anyKeep, { maxLength: 4 }),
    erase: fc.array(anyErase, { maxLength: 3 }),
    last: anyLast,
  })
  .map(({ grace, keep, erase, last }): RetentionRules => {
    const named = <T>(rule: T, kind: string, n: number) => ({ id: `${kind}-${n}`, name: `${kind} ${n}`, ...rule });
    const erasing = [...erase.map(([when, start]) => ({ when, ...start })), { when: {}, ...last }];
    return {
      v: 1,
      grace,
      keep: keep.map((rule, n): KeepRule => named(rule, 'keep', n)),
      erase: erasing.map((rule, n): EraseRule => named(rule, 'erase', n)),
    };
  });

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 3, nil: undefined });
const withValues = <T>(members: Record<string, T | undefined>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Record<string, T>;

/** What rules look at, with names and texts that `anyRules` uses. */
export const anyRuledFacts: fc.Arbitrary<RuledFacts> = fc
  .record({
    startedAt: anyTime,
    attributes: fc.record(Object.fromEntries(NAMES.map((name) => [name, maybe(fc.constantFrom(...TEXTS[name]))]))),
    events: fc.record(
      Object.fromEntries(EVENTS.map((name) => [name, fc.option(anyTime, { freq: 1, nil: undefined })])),
    ),
    retainUntil: fc.option(anyTime, { freq: 1 }),
  })
  .map(({ attributes, events, ...rest }) => ({
    ...rest,
    attributes: withValues<string>(attributes),
    events: withValues<string>(events),
  }));

/** An amendment of what rules look at: one attribute or one event is set or removed. */
export const anyAmendment: fc.Arbitrary<(facts: RuledFacts) => RuledFacts> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...EVENTS), fc.option(anyTime, { freq: 4, nil: undefined }))
    .map(([name, time]) => (facts: RuledFacts) => ({
      ...facts,
      events: withValues<string>({ ...facts.events, [name]: time }),
    })),
  fc
    .constantFrom(...NAMES)
    .chain((name) => fc.tuple(fc.constant(name), maybe(fc.constantFrom<string>(...TEXTS[name]))))
    .map(([name, text]) => (facts: RuledFacts) => ({
      ...facts,
      attributes: withValues<string>({ ...facts.attributes, [name]: text }),
    })),
);
