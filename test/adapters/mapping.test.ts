// Lists and true or false in columns: what they hold, and what they cannot.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flagColumn, isSet, listColumn, listIn } from '../../src/adapters/sql/mapping.ts';
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
