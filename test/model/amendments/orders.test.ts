// Properties of facts: every order of arrival ends alike, a rebuild knows what the row knew, and people are not overruled.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../src/bytes/canonical-json.ts';
import type { AmendmentEntry, JsonObject, Patch } from '../../../src/model/amendments/amendment.ts';
import {
  acceptChange,
  describeFacts,
  type FactsChange,
  foldFacts,
} from '../../../src/model/amendments/recording-facts.ts';

const RECORDING = 'rec_01m88yxtm0epqvg36bhyhy6qv8';
const [PERSON, SERVICE] = ['usr_', 'svc_'].map((start) => start.padEnd(30, '0')) as [string, string];
const IDENTITY = { v: 1, source: 'pbx', call_id: 'c-1', leg: '0', basis: { kind: 'none', defaulted: true } };
const SEED = { seed: 20_261_127, numRuns: 1_000 };

/** What happens to a recording: a change of its facts, a deposit that seals them, one that replaces all envelopes. */
type Step =
  | { readonly what: 'change'; readonly by: string; readonly patch: Patch; readonly asOf?: number }
  | { readonly what: 'deposit' };

const time = (minute: number): string => new Date(Date.UTC(2026, 10, 26) + minute * 60_000).toISOString();

/** A recording as its row, its envelope and its stream have it. */
function play(steps: readonly Step[]) {
  let row: JsonObject = IDENTITY;
  let envelope: JsonObject | null = null;
  const entries: AmendmentEntry[] = [];
  for (const [n, step] of steps.entries()) {
    if (step.what === 'deposit') {
      envelope = row;
      continue;
    }
    const received = { by: step.by, patch: step.patch, at: time(1_000 + n) };
    const change: FactsChange = step.asOf === undefined ? received : { ...received, asOf: time(step.asOf) };
    const accepted = acceptChange(foldFacts(RECORDING, row, entries), change);
    if (accepted === null) continue;
    if (envelope === null) row = describeFacts(row, change, accepted);
    else {
      entries.push({ at: change.at, body: { v: 1, op: 'facts', why: 'recording.amended', by: step.by, ...accepted } });
      row = foldFacts(RECORDING, row, entries).facts;
    }
  }
  return { row, envelope, entries };
}

/** Facts as people see them: who set them, and when, is beside. */
function shown({ set_by: _setBy, ...facts }: JsonObject): string {
  return canonicalBytes(facts).toString();
}

const value = fc.constantFrom('x', 'y', 'z', null);
const patch: fc.Arbitrary<Patch> = fc.record(
  {
    agent: value,
    queue: value,
    ticket: value,
    fields: fc.record({ a: value, b: value }, { requiredKeys: [] }),
    numbers: fc.record({ from: value, to: value }, { requiredKeys: [] }),
    basis: fc.constantFrom(
      { kind: 'consent' },
      { kind: 'consent', evidence: 'e' },
      { kind: 'contract', language: 'zh-CN' },
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Patch>;

/** Call detail records with different times, all of them before the vault received any. */
const records = fc
  .uniqueArray(fc.nat({ max: 900 }), { minLength: 1, maxLength: 5 })
  .chain((times) =>
    fc.tuple(...times.map((asOf) => patch.map((one): Step => ({ what: 'change', by: SERVICE, patch: one, asOf })))),
  );

const orderOf = (steps: readonly Step[]) => fc.shuffledSubarray([...steps], { minLength: steps.length });

/** The steps with the others among them, in their order, at places that `places` chooses. */
function among(steps: readonly Step[], others: readonly Step[], places: readonly number[]): readonly Step[] {
  const mixed = [...steps];
  const sorted = others.map((_, n) => (places[n] ?? 0) % (steps.length + 1)).sort((one, other) => one - other);
  for (const [n, other] of others.entries()) mixed.splice((sorted[n] ?? 0) + n, 0, other);
  return mixed;
}

describe('the facts of a recording', () => {
  it('are the same in every order of arrival of reports and audio', () => {
    const orders = records.chain((some) => {
      const all: Step[] = [...some, { what: 'deposit' }, { what: 'deposit' }];
      return fc.tuple(orderOf(all), orderOf(all));
    });
    fc.assert(
      fc.property(orders, ([one, other]) => {
        expect(shown(play(one).row)).toBe(shown(play(other).row));
      }),
      SEED,
    );
  });

  it('are the same wherever a person corrects them', () => {
    const corrections = fc.array(
      patch.map((one): Step => ({ what: 'change', by: PERSON, patch: one })),
      { maxLength: 3 },
    );
    const places = fc.array(fc.nat({ max: 20 }), { minLength: 3, maxLength: 3 });
    const orders = fc.tuple(records, corrections).chain(([some, people]) => {
      const all: Step[] = [...some, { what: 'deposit' }];
      const order = fc.tuple(orderOf(all), places).map(([steps, at]) => among(steps, people, at));
      return fc.tuple(order, order);
    });
    fc.assert(
      fc.property(orders, ([one, other]) => {
        expect(shown(play(one).row)).toBe(shown(play(other).row));
      }),
      SEED,
    );
  });

  const histories = fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .tuple(patch, fc.option(fc.nat({ max: 1_200 })))
          .map(
            ([one, asOf]): Step => ({ what: 'change', by: SERVICE, patch: one, ...(asOf === null ? {} : { asOf }) }),
          ),
      },
      { weight: 1, arbitrary: patch.map((one): Step => ({ what: 'change', by: PERSON, patch: one })) },
      { weight: 1, arbitrary: fc.constant<Step>({ what: 'deposit' }) },
    ),
    { maxLength: 10 },
  );

  it('are rebuilt from envelope and stream with the same ranks', () => {
    const history = fc.tuple(histories, histories, patch);
    fc.assert(
      fc.property(history, ([before, after, late]) => {
        const { row, envelope, entries } = play([...before, { what: 'deposit' }, ...after]);
        const known = foldFacts(RECORDING, row, entries);
        const rebuilt = foldFacts(RECORDING, envelope ?? {}, entries);
        expect(canonicalBytes(rebuilt.facts)).toEqual(canonicalBytes(row));
        expect([...rebuilt.ranks].sort()).toEqual([...known.ranks].sort());
        const change = { by: SERVICE, at: time(5_000), asOf: time(1_003), patch: late };
        expect(acceptChange(rebuilt, change)).toEqual(acceptChange(known, change));
      }),
      SEED,
    );
  });

  it('keep a correction and a withdrawal against any late report', () => {
    const withdrawn = { kind: 'consent', withdrawn: { at: time(1), purposes: ['quality'] } };
    const corrected = { agent: '李娜', ticket: null, fields: { a: 'right', b: null }, basis: withdrawn };
    const late = fc.array(fc.tuple(patch, fc.nat({ max: 2_000 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(histories, late, ([...before], reports) => {
        const steps = reports.map(([one, asOf]): Step => ({ what: 'change', by: SERVICE, patch: one, asOf }));
        const { row } = play([...before, { what: 'change', by: PERSON, patch: corrected }, ...steps]);
        const { ticket, fields, ...facts } = row;
        expect(facts).toMatchObject({ agent: '李娜', basis: withdrawn });
        expect([ticket, fields]).toEqual([undefined, { a: 'right' }]);
        expect(Object.keys(facts['basis'] as object)).toEqual(Object.keys(withdrawn));
      }),
      SEED,
    );
  });
});
