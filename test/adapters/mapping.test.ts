// Lists and true or false in columns: what they hold, and what they cannot.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flagColumn, isSet, listColumn, listIn, mapped } from '../../src/adapters/sql/mapping.ts';
import { stretchesColumn, stretchesIn } from '../../src/adapters/sql/session-mapping.ts';

describe('columns', () => {
  it.each([[[]], [['audio']], [['audio', 'transcript']]])('hold the list %j', (list) => {
    expect(listIn(listColumn(list))).toEqual(list);
  });

  it.each([[['']], [['a', '']], [['a,b']]])('reject the list %j, which would read as another list', (list) => {
    expect(() => listColumn(list)).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it('hold stretches of a call', () => {
    const stretches = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 64 });
    fc.assert(fc.property(stretches, (given) => void expect(stretchesIn(stretchesColumn(given))).toEqual(given)));
  });

  it('hold true and false as 1 and 0', () => {
    expect([flagColumn(true), flagColumn(false)]).toEqual([1, 0]);
    expect([isSet(1), isSet(0)]).toEqual([true, false]);
  });

  it('stay unchanged where a change does not set them', () => {
    expect([flagColumn(undefined), listColumn(undefined)]).toEqual([undefined, undefined]);
  });
});

type Row = {
  readonly id: string;
  readonly open: boolean;
  readonly tags: readonly string[];
  readonly few: readonly string[] | null;
};

describe('a mapping', () => {
  const rows = mapped<Row>({ open: 'flag', tags: 'list', few: 'list?' });

  it('makes the noun of a row, and columns of the noun', () => {
    const noun: Row = { id: 'a', open: true, tags: ['x', 'y'], few: null };
    const columns = { id: 'a', open: 1, tags: 'x,y', few: null };
    expect(rows.toColumns(noun)).toEqual(columns);
    expect(rows.toNoun({ ...columns })).toEqual(noun);
    expect(rows.toNoun({ ...columns, open: 0, tags: '', few: 'z' })).toEqual({
      id: 'a',
      open: false,
      tags: [],
      few: ['z'],
    });
    expect(noun).toEqual({ id: 'a', open: true, tags: ['x', 'y'], few: null });
  });

  it('leaves out what a change does not set', () => {
    expect(rows.toColumns({ open: false })).toEqual({ open: 0 });
    expect(rows.toColumns({ few: null, tags: undefined })).toEqual({ few: null, tags: undefined });
  });

  it('reads a row once: one that others keep cannot be changed', () => {
    expect(() => rows.toNoun(Object.freeze({ id: 'a', open: 1, tags: '', few: null }))).toThrow(TypeError);
  });

  it('compiles only with each member in its form', () => {
    // @ts-expect-error one is forgotten
    mapped<Row>({ open: 'flag', tags: 'list' });
    // @ts-expect-error a flag as a list
    mapped<Row>({ open: 'list', tags: 'list', few: 'list?' });
    // @ts-expect-error none at all
    mapped<Row>({});
    // @ts-expect-error one that is a column as it is
    mapped<Row>({ open: 'flag', tags: 'list', few: 'list?', id: 'flag' });
  });
});
