// The changes of facts, from entries and what was sealed beside their events.
import { describe, expect, it } from 'vitest';
import type { AmendmentEntry, JsonObject } from '../../src/model/amendments/amendment.ts';
import { readValuesBefore, valuesBefore } from '../../src/model/corrections.ts';
import { changesOf, earlyChanges } from '../../src/model/fact-changes.ts';

const at = '2026-11-28T10:00:00.000Z';
const set = (patch: JsonObject, by = 'svc_a'): AmendmentEntry => ({
  at,
  body: { v: 1, op: 'facts', why: 'recording.amended', by, set: patch },
});
const removed: AmendmentEntry = {
  at,
  body: { v: 1, op: 'comment', why: 'comment.removed', by: 'usr_a', id: 'cmt_a', version: 2 },
};
const none = () => null;

describe('changes', () => {
  it('know the old value from the entry before, and not of the first one', () => {
    expect(changesOf([set({ agent: 'Ann' }), removed, set({ agent: 'Bo' }), set({ agent: null })], none)).toEqual([
      { entry: 0, facts: [{ fact: 'agent', after: 'Ann' }] },
      { entry: 2, facts: [{ fact: 'agent', before: 'Ann', after: 'Bo' }] },
      { entry: 3, facts: [{ fact: 'agent', before: 'Bo', after: null }] },
    ]);
  });

  it('take the old value that was sealed with the event, also that there was none', () => {
    const was = (entry: number) => (entry === 1 ? { agent: 'Eve', queue: null } : null);
    expect(changesOf([set({ agent: 'Ann' }), set({ agent: 'Bo', queue: 'q' })], was)[1]?.facts).toEqual([
      { fact: 'agent', before: 'Eve', after: 'Bo' },
      { fact: 'queue', before: null, after: 'q' },
    ]);
  });

  it('name each field, mask numbers, and leave notes out', () => {
    const entries = [
      set({ fields: { a: '1', b: null }, numbers: { from: '13812345678' }, notes: 'secret' }),
      set({ fields: null, numbers: { from: '13899995678' } }),
    ];
    expect(changesOf(entries, none).map(({ facts }) => facts)).toEqual([
      [
        { fact: 'fields/a', after: '1' },
        { fact: 'fields/b', after: null },
        { fact: 'numbers/from', after: '138****5678' },
        { fact: 'notes' },
      ],
      [
        { fact: 'fields/a', before: '1', after: null },
        { fact: 'numbers/from', before: '138****5678', after: '138****5678' },
      ],
    ]);
  });

  it('leave out what a platform sends again, and keep what a person confirms', () => {
    const entries = [set({ agent: 'Ann', queue: 'q' }), set({ agent: 'Ann' }), set({ agent: 'Ann', queue: 'r' })];
    const confirmed = set({ agent: 'Ann' }, `usr_${'0'.repeat(26)}`);
    expect(changesOf([...entries, confirmed], none)).toEqual([
      {
        entry: 0,
        facts: [
          { fact: 'agent', after: 'Ann' },
          { fact: 'queue', after: 'q' },
        ],
      },
      { entry: 2, facts: [{ fact: 'queue', before: 'q', after: 'r' }] },
      { entry: 3, facts: [{ fact: 'agent', before: 'Ann', after: 'Ann' }] },
    ]);
  });

  it('show a value that is an object whole', () => {
    const replaced = { basis: { kind: 'contract', evidence: null } };
    expect(changesOf([set({ basis: { kind: 'consent', evidence: 'form 7' } }), set(replaced)], none)[1]?.facts).toEqual(
      [{ fact: 'basis', before: { kind: 'consent', evidence: 'form 7' }, after: { kind: 'contract' } }],
    );
  });

  it('are not misled by names that objects inherit', () => {
    const [change] = changesOf([set(JSON.parse('{"fields":{"__proto__":"x"},"constructor":"y"}') as JsonObject)], none);
    expect(change?.facts).toEqual([
      { fact: 'fields/__proto__', after: 'x' },
      { fact: 'constructor', after: 'y' },
    ]);
  });
});

describe('changes before the first deposit', () => {
  it('are grouped by who set them, with the value that they set as far as it is known', () => {
    const early = { by: 'svc_a', as_of: at };
    const facts = {
      agent: 'Bo',
      queue: 'q',
      fields: { a: '1' },
      set_by: { agent: early, 'fields/a': early, queue: { by: 'usr_a' }, ticket: { by: 'usr_a' } },
    };
    const changes = changesOf([set({ agent: 'Bo', ticket: null })], () => ({ agent: 'Ann' }));
    expect(earlyChanges(facts, changes)).toEqual([
      {
        by: 'svc_a',
        asOf: at,
        facts: [
          { fact: 'agent', after: 'Ann' },
          { fact: 'fields/a', after: '1' },
        ],
      },
      { by: 'usr_a', asOf: null, facts: [{ fact: 'queue', after: 'q' }, { fact: 'ticket' }] },
    ]);
  });
});

describe('the values before a correction', () => {
  it('are sealed with numbers masked and without notes', () => {
    const facts = { agent: 'Ann', notes: 'n', numbers: { from: '13812345678' }, fields: { a: '1' } };
    const keys = ['agent', 'notes', 'numbers/from', 'numbers/to', 'fields/a', 'fields/b'];
    expect(valuesBefore(facts, keys)).toEqual({
      agent: 'Ann',
      'numbers/from': '138****5678',
      'numbers/to': null,
      'fields/a': '1',
      'fields/b': null,
    });
  });

  it('are read back only from their canonical text', () => {
    expect(readValuesBefore('{"agent":"Ann"}')).toEqual({ agent: 'Ann' });
    for (const text of ['', '[]', '{"agent": "Ann"}', '{']) expect(readValuesBefore(text)).toBeNull();
  });
});
