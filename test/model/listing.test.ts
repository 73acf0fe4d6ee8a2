// What a list says of a call, compared with its facts, and what a list fills in.
import { describe, expect, it } from 'vitest';
import { audioDueOf, delaySeconds, differsFrom, fillingPatch } from '../../src/model/listing.ts';

const T = '2026-11-28T10:00:00.000Z';

describe('what differs', () => {
  const listed = { agent: 'Otto', queue: 'sales', direction: 'inbound', started_at: T };

  it('names agent, queue, direction and start, and nothing that one of the two does not say', () => {
    const other = { agent: 'Eve', queue: 'x', direction: 'outbound', started_at: '2026-11-28T10:00:02.001Z' };
    expect(differsFrom(listed, other)).toEqual(['agent', 'queue', 'direction', 'start']);
    expect(differsFrom({}, other)).toEqual([]);
    expect(differsFrom(listed, {})).toEqual([]);
  });

  it('is neither the spelling of a name nor two seconds', () => {
    expect(differsFrom(listed, { agent: 'OTTO', queue: ' Sales', started_at: '2026-11-28T09:59:58.000Z' })).toEqual([]);
  });
});

describe('a list', () => {
  const said = { agent: 'Otto', numbers: { from: '1', to: '2' }, fields: { a: 'x' }, started_at: T };

  it('fills in what a call lacks, name by name, and replaces nothing', () => {
    const facts = { agent: 'Eve', numbers: { from: '9' }, fields: { b: 'y' } };
    expect(fillingPatch(said, facts, {}, true)).toEqual({ numbers: { to: '2' }, fields: { a: 'x' }, started_at: T });
    expect(fillingPatch(said, said, {}, false)).toEqual({});
  });

  it('replaces what an earlier list said, until there is audio', () => {
    const facts = { ...said, agent: 'Eve' };
    expect(fillingPatch(said, facts, { agent: 'Eve' }, false)).toEqual({ agent: 'Otto' });
    expect(fillingPatch(said, facts, { agent: 'Eve' }, true)).toEqual({});
    expect(fillingPatch(said, facts, { agent: 'Another' }, false)).toEqual({});
  });
});

it('waits for the audio until an hour after the end of the call', () => {
  expect(audioDueOf(T, 60_000)).toBe('2026-11-28T11:01:00.000Z');
  expect(audioDueOf(T, null)).toBe('2026-11-28T11:00:00.000Z');
});

it('counts the delay from the end of the call, in whole seconds', () => {
  expect(delaySeconds(T, 60_000, '2026-11-28T10:01:02.999Z')).toBe(2);
  expect(delaySeconds(T, null, '2026-11-28T10:00:10.000Z')).toBe(10);
  expect(delaySeconds(T, 60_000, T)).toBe(0);
  expect(delaySeconds('0001-01-01T00:00:00.000Z', null, T)).toBe(2 ** 31 - 1);
});
