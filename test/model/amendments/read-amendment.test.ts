// Bodies of every op with one thing wrong: what no version writes is malformed, what a later one writes is unknown.
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/bytes/canonical-json.ts';
import type { JsonObject } from '../../../src/model/amendments/amendment.ts';
import { readAmendment } from '../../../src/model/amendments/read-amendment.ts';
import { vectors } from '../../envelope/amendments/amendment-vectors.ts';
import { codeOf } from '../../envelope/bench.ts';

type Case = { readonly name: string; readonly subject: string; readonly body: JsonObject };

const cases: Case[] = vectors.entries.map(({ name, body, json }) => {
  return { name, subject: JSON.parse(json).subject, body: JSON.parse(body) };
});

const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  facts: ['as_of'],
  comment: ['end_ms', 'edited'],
  hold: ['scope'],
  lift: ['recordings'],
};

/** The first vector of an op, with other members. */
function read(op: string, members: JsonObject): string | undefined {
  const found = cases.find(({ body }) => body['op'] === op && !(op === 'hold' && body['scope'] === undefined));
  if (found === undefined) throw new Error(`no vector has op ${op}`);
  return codeOf(() => readAmendment(found.subject, { ...found.body, ...members }));
}

const without = (body: JsonObject, name: string): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([member]) => member !== name));

const kindOf = (value: Json): string => (Array.isArray(value) ? 'list' : typeof value);

describe('the body of an entry', () => {
  it('has a vector for every op', () => {
    const ops = 'comment cover facts hold lift notice policy retention settings withdrawal'.split(' ');
    expect([...new Set(cases.map(({ body }) => body['op']))].sort()).toEqual(ops);
  });

  it.each(cases)('needs each member, and has no other: $name', ({ subject, body }) => {
    expect(readAmendment(subject, body)).toEqual(body);
    expect(codeOf(() => readAmendment(subject, { ...body, later: 1 }))).toBe('format_unknown');
    for (const name of Object.keys(body)) {
      const optional = OPTIONAL[String(body['op'])]?.includes(name) === true;
      expect([name, codeOf(() => readAmendment(subject, without(body, name)))]).toEqual([
        name,
        optional ? undefined : 'malformed',
      ]);
    }
  });

  it.each(cases)('has no member of another type: $name', ({ subject, body }) => {
    const others: Json[] = [null, true, -1, '', [], [null], {}];
    for (const [name, value] of Object.entries(body)) {
      for (const other of others) {
        // Of the type of this member, and possibly right.
        if (other !== null && other !== -1 && other !== '' && kindOf(other) === kindOf(value)) continue;
        const code = codeOf(() => readAmendment(subject, { ...body, [name]: other }));
        const what = `${name} ${JSON.stringify(other)}`;
        const later = what === 'op ""' || what === 'v -1';
        expect([what, code]).toEqual([what, later ? 'format_unknown' : 'malformed']);
      }
    }
  });

  it.each(cases)('is of its kind of subject alone: $name', ({ subject, body }) => {
    for (const kind of ['rec', 'hld', 'ten', 'dep'].filter((one) => !subject.startsWith(one))) {
      expect(codeOf(() => readAmendment(subject.replace(/^.../, kind), body))).toBe('format_unknown');
    }
  });

  const phone = { label: 'phone', value: Buffer.alloc(16).toString('base64') };
  const index = (members: JsonObject): Json => [{ ...phone, ...members }];
  const most = 24_576 - '{"x":""}'.length;

  it.each<[string, string, JsonObject, string | undefined]>([
    ['an inherited name as op', 'facts', { op: 'constructor' }, 'format_unknown'],
    ['v 2', 'facts', { v: 2 }, 'format_unknown'],
    ['an action of 65 characters', 'facts', { why: `${'a'.repeat(60)}.bcde` }, 'malformed'],
    ['an action of 64', 'facts', { why: `${'a'.repeat(59)}.bcde` }, undefined],
    ['an action without dot', 'facts', { why: 'amended' }, 'malformed'],
    ['an actor with a space', 'facts', { by: 'node 1' }, 'malformed'],
    ['an actor of 129 characters', 'facts', { by: 'n'.repeat(129) }, 'malformed'],
    ['null inside `set`', 'facts', { set: { fields: { a: null } } }, undefined],
    ['`set_by` deeper inside `set`', 'facts', { set: { fields: { set_by: 'x' } } }, undefined],
    ['a comment of 4,000 characters', 'comment', { text: '📞'.repeat(2_000) }, undefined],
    ['a comment of 4,001', 'comment', { text: `${'📞'.repeat(2_000)}x` }, 'malformed'],
    ['a visibility of a later version', 'comment', { visibility: 'all' }, 'format_unknown'],
    ['version 0', 'comment', { version: 0 }, 'malformed'],
    ['an id of another kind', 'comment', { id: 'rec_00000000000000000000000000' }, 'malformed'],
    ['a scope of nothing', 'hold', { scope: {} }, undefined],
    ['a null in a scope', 'hold', { scope: { from: null } }, 'malformed'],
    ['a null in an unknown member of a scope', 'hold', { scope: { later: null } }, 'format_unknown'],
    ['a list as scope', 'hold', { scope: [] }, 'malformed'],
    [
      'an index of 15 bytes',
      'withdrawal',
      { indexes: index({ value: Buffer.alloc(15).toString('base64') }) },
      'malformed',
    ],
    ['an index with loose bits', 'withdrawal', { indexes: index({ value: 'AAAAAAAAAAAAAAAAAAAAAB==' }) }, 'malformed'],
    ['an index with a third member', 'withdrawal', { indexes: index({ later: 1 }) }, 'malformed'],
    ['no index', 'withdrawal', { indexes: [] }, undefined],
    ['an index twice', 'withdrawal', { indexes: [phone, phone] }, 'malformed'],
    [
      'indexes by label first',
      'withdrawal',
      { indexes: [{ ...phone, label: 'agent', value: `/${phone.value.slice(1)}` }, phone] },
      undefined,
    ],
    [
      'indexes of one label by value',
      'withdrawal',
      { indexes: [{ ...phone, value: `B${phone.value.slice(1)}` }, phone] },
      'malformed',
    ],
    ['purposes by bytes, not by UTF-16', 'withdrawal', { purposes: ['\uff01', '📞'] }, undefined],
    ['purposes by UTF-16', 'withdrawal', { purposes: ['📞', '\uff01'] }, 'malformed'],
    ['rules of 24,576 bytes', 'policy', { body: { x: 'x'.repeat(most) } }, undefined],
    ['rules of a byte more', 'policy', { body: { x: 'x'.repeat(most + 1) } }, 'malformed'],
    ['a null in rules', 'retention', { body: { x: [null] } }, 'malformed'],
  ])('may have, or not: %s', (_, op, members, code) => {
    expect(read(op, members)).toBe(code);
  });
});
