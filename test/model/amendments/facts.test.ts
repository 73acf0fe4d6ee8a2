// Facts, comments and settings folded from the vectors' streams, and what a change leaves of a patch.
import { describe, expect, it } from 'vitest';
import { canonicalBytes, type Json } from '../../../src/bytes/canonical-json.ts';
import type { Amendment, AmendmentEntry, JsonObject } from '../../../src/model/amendments/amendment.ts';
import { foldComments } from '../../../src/model/amendments/fold-comments.ts';
import { foldSettings } from '../../../src/model/amendments/fold-settings.ts';
import { mergePatch, replacingPatch } from '../../../src/model/amendments/merge-patch.ts';
import { readAmendment } from '../../../src/model/amendments/read-amendment.ts';
import { acceptChange, describeFacts, foldFacts } from '../../../src/model/amendments/recording-facts.ts';
import { vectors } from '../../envelope/amendments/amendment-vectors.ts';

const textOf = (value: unknown): string => canonicalBytes(value).toString();

function entriesOf(subject: string, paths: readonly string[]): AmendmentEntry[] {
  return paths.map((path) => {
    const { body, json } = vectors.entries.find((entry) => entry.path === path) ?? { body: '', json: '' };
    return { at: JSON.parse(json).at, body: readAmendment(subject, JSON.parse(body)) };
  });
}

describe('the facts of a stream', () => {
  it.each(vectors.streams.filter(({ facts }) => facts !== undefined))('are the vector: $name', (stream) => {
    const { subject, facts = '', facts_after: after = [], comments = '' } = stream;
    const entries = entriesOf(subject, stream.entries);
    for (const [n, expected] of after.entries()) {
      expect(textOf(foldFacts(subject, JSON.parse(facts), entries.slice(0, n + 1)).facts)).toBe(expected);
    }
    // An envelope may have the result of any entry already: all of them, applied to it, change nothing.
    for (const base of [facts, ...after]) {
      expect(textOf(foldFacts(subject, JSON.parse(base), entries).facts)).toBe(after.at(-1));
    }
    const folded = foldComments(entries).map(({ v: _v, op: _op, why: _why, by: _by, ...comment }) => comment);
    expect(textOf(folded)).toBe(comments);
  });

  it.each(vectors.streams.filter(({ settings_after }) => settings_after !== undefined))(
    'or settings: $name',
    (stream) => {
      const entries = entriesOf(stream.subject, stream.entries);
      const after = stream.settings_after ?? [];
      expect(after.map((_, n) => textOf(foldSettings(entries.slice(0, n + 1))))).toEqual(after);
    },
  );
});

describe('a merge patch', () => {
  // RFC 7396, appendix A.
  it.each<[Json, Json, Json]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j by %j is %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  it('sets a member called __proto__ like any other', () => {
    const patch = JSON.parse('{"__proto__":{"agent":"x"},"constructor":{"a":1}}');
    const merged = mergePatch({ queue: 'y' }, patch) as JsonObject;
    expect(textOf(merged)).toBe('{"__proto__":{"agent":"x"},"constructor":{"a":1},"queue":"y"}');
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(textOf(mergePatch(merged, JSON.parse('{"__proto__":null}')))).toBe('{"constructor":{"a":1},"queue":"y"}');
  });

  it.each<[Json, Json]>([
    [
      { kind: 'consent', at: 'x', notice: { id: 'a', version: 1 } },
      { kind: 'contract', notice: { id: 'b' } },
    ],
    [{ kind: 'consent' }, {}],
    [undefined as unknown as Json, { kind: 'none' }],
    ['text', { kind: 'none' }],
    [{ kind: { deep: 1 } }, { kind: 'none' }],
  ])('makes %j whole into %j', (target, wanted) => {
    expect(mergePatch(target, replacingPatch(target, wanted))).toEqual(wanted);
  });
});

const RECORDING = vectors.streams[0]?.subject ?? '';
const [PERSON, OTHER, SERVICE] = ['usr_', 'usr_0', 'svc_'].map((start) => start.padEnd(30, '0')) as [
  string,
  string,
  string,
];
const at = (minute: number): string => `2026-12-01T10:${String(minute).padStart(2, '0')}:00.000Z`;

/** A recording whose facts change by entries alone. */
function started(facts: JsonObject = {}) {
  const entries: AmendmentEntry[] = [];
  const now = () => foldFacts(RECORDING, facts, entries);
  const change = (by: string, minute: number, patch: JsonObject, asOf?: number) => {
    const accepted = acceptChange(now(), {
      by,
      at: at(minute),
      patch,
      ...(asOf === undefined ? {} : { asOf: at(asOf) }),
    });
    if (accepted === null) return null;
    const body = { v: 1, op: 'facts', why: 'recording.amended', by, ...accepted } as Amendment;
    expect(readAmendment(RECORDING, JSON.parse(textOf(body)))).toEqual(body);
    entries.push({ at: at(minute), body });
    return accepted;
  };
  return { change, facts: () => now().facts, ranks: () => now().ranks };
}

describe('a change of facts', () => {
  it('keeps what a person set against all but people', () => {
    const { change, facts } = started({ agent: 'a' });
    expect(change(PERSON, 1, { agent: 'b' })).toEqual({ set: { agent: 'b' } });
    expect(change(SERVICE, 2, { agent: 'c', queue: 'q' })).toEqual({ set: { queue: 'q' } });
    expect(change(OTHER, 3, { agent: 'd' })).toEqual({ set: { agent: 'd' } });
    expect(facts()).toEqual({ agent: 'd', queue: 'q' });
  });

  it('keeps what a person removed', () => {
    const { change, facts } = started({ ticket: 't', fields: { a: '1', b: '2' } });
    expect(change(PERSON, 1, { ticket: null, fields: { a: null } })).toEqual({
      set: { ticket: null, fields: { a: null } },
    });
    expect(change(SERVICE, 2, { ticket: 'x', fields: { a: 'x' } })).toBeNull();
    expect(facts()).toEqual({ fields: { b: '2' } });
  });

  it('prefers the later as_of, and of equal ones the later receipt', () => {
    const { change, facts } = started();
    expect(change(SERVICE, 10, { agent: 'ten' }, 8)).toEqual({ set: { agent: 'ten' }, as_of: at(8) });
    expect(change(SERVICE, 11, { agent: 'seven' }, 7)).toBeNull();
    expect(change(SERVICE, 12, { agent: 'eight' }, 8)).toEqual({ set: { agent: 'eight' }, as_of: at(8) });
    expect(facts()).toEqual({ agent: 'eight' });
  });

  it('is as of its receipt, at the latest', () => {
    const { change, ranks } = started();
    expect(change(SERVICE, 10, { agent: 'a' })).toEqual({ set: { agent: 'a' } });
    expect(change(SERVICE, 11, { agent: 'b' }, 59)).toEqual({ set: { agent: 'b' } });
    expect(ranks().get('agent')).toEqual({ by: SERVICE, asOf: at(11) });
  });

  it('is written where only its rank is new', () => {
    const { change } = started();
    expect(change(SERVICE, 10, { agent: 'a', queue: null }, 5)).toEqual({
      set: { agent: 'a', queue: null },
      as_of: at(5),
    });
    expect(change(SERVICE, 11, { agent: 'a', queue: null }, 5)).toBeNull();
    expect(change(SERVICE, 12, { agent: 'a', queue: null }, 6)).toEqual({
      set: { agent: 'a', queue: null },
      as_of: at(6),
    });
    expect(change(PERSON, 13, { agent: 'a' })).toEqual({ set: { agent: 'a' } });
    expect(change(PERSON, 14, { agent: 'a' })).toBeNull();
    expect(change(PERSON, 15, {})).toBeNull();
  });

  it('decides name by name in numbers, fields and events', () => {
    const { change, facts } = started({ numbers: { from: '1', to: '2' } });
    expect(change(PERSON, 1, { numbers: { to: '3' } })).toEqual({ set: { numbers: { to: '3' } } });
    expect(change(SERVICE, 2, { numbers: { from: '4', to: '5' } })).toEqual({ set: { numbers: { from: '4' } } });
    // All names that are there: none comes back with an older report.
    expect(change(SERVICE, 3, { numbers: null })).toEqual({ set: { numbers: { from: null } } });
    expect(change(SERVICE, 4, { numbers: { from: '6' } }, 2)).toBeNull();
    expect(facts()).toEqual({ numbers: { to: '3' } });
  });

  it('replaces an object whole', () => {
    const { change, facts } = started({ basis: { kind: 'consent', at: at(0), evidence: 'e' } });
    expect(change(SERVICE, 1, { basis: { kind: 'contract', evidence: null } })).toEqual({
      set: { basis: { kind: 'contract', at: null, evidence: null } },
    });
    expect(facts()).toEqual({ basis: { kind: 'contract' } });
  });

  it('adds a start, and never changes one', () => {
    const { change, facts } = started();
    expect(change(PERSON, 1, { started_at: at(0) })).toEqual({ set: { started_at: at(0) } });
    expect(change(PERSON, 2, { started_at: at(1) })).toBeNull();
    expect(change(PERSON, 3, { started_at: null })).toBeNull();
    expect(facts()).toEqual({ started_at: at(0) });
  });

  it('comes after what the recording was created with', () => {
    // The id's time: 2026-11-25T09:00:00Z.
    const { change } = started({ agent: 'a', basis: { kind: 'none', defaulted: true } });
    const early = '2026-11-25T08:59:59.999Z';
    const state = foldFacts(RECORDING, { agent: 'a', basis: { kind: 'none', defaulted: true } }, []);
    const late = { by: SERVICE, at: at(1), asOf: early, patch: { agent: 'b', basis: { kind: 'consent' } } };
    // A default is nothing that was set.
    expect(acceptChange(state, late)?.set).toEqual({ basis: { kind: 'consent', defaulted: null } });
    expect(change(SERVICE, 2, { agent: 'b' })).toEqual({ set: { agent: 'b' } });
  });
});

describe('facts before the first deposit', () => {
  it('keep who set what', () => {
    let facts: JsonObject = { v: 1, source: 's', call_id: 'c', leg: '0', agent: 'a' };
    const change = (by: string, minute: number, patch: JsonObject) => {
      const one = { by, at: at(minute), patch };
      const accepted = acceptChange(foldFacts(RECORDING, facts, []), one);
      if (accepted !== null) facts = describeFacts(facts, one, accepted);
      return accepted !== null;
    };
    expect(change(SERVICE, 1, { queue: 'q', fields: { a: '1' } })).toBe(true);
    expect(change(PERSON, 2, { agent: null })).toBe(true);
    expect(change(SERVICE, 3, { agent: 'x' })).toBe(false);
    expect(facts).toEqual({
      ...{ v: 1, source: 's', call_id: 'c', leg: '0', queue: 'q', fields: { a: '1' } },
      set_by: {
        agent: { by: PERSON },
        queue: { by: SERVICE, as_of: at(1) },
        'fields/a': { by: SERVICE, as_of: at(1) },
      },
    });
  });

  it.each<[string, Json]>([
    ['no object', 'x'],
    ['a member that is none', { agent: 'x' }],
    ['no actor', { agent: { as_of: at(1) } }],
  ])('have no such memory in %s', (_, setBy) => {
    const { ranks } = foldFacts(RECORDING, { agent: 'a', set_by: setBy }, []);
    expect(ranks.get('agent')?.by).toBeNull();
  });
});
