// Legal holds: which recordings a rule matches, and what a stream says of one.
import { describe, expect, it } from 'vitest';
import type { Amendment, HoldScope } from '../../src/model/amendments/amendment.ts';
import { foldHold } from '../../src/model/amendments/fold-hold.ts';
import { type HoldCandidate, isInHoldScope, scopeNames } from '../../src/model/hold.ts';

const index = (label: string, value: string) => ({ label, value });
const candidate: HoldCandidate = {
  startedAt: '2026-11-25T09:00:00.000Z',
  direction: 'inbound',
  language: 'en',
  indexes: [index('queue', 'Q'), index('phone', 'F'), index('phone', 'T')],
};

describe('a rule', () => {
  const cases: readonly (readonly [string, HoldScope, boolean])[] = [
    ['nothing', {}, true],
    ['the start itself', { from: candidate.startedAt }, true],
    ['a later start', { from: '2026-11-25T09:00:00.001Z' }, false],
    ['the start as the end', { to: candidate.startedAt }, false],
    ['a later end', { to: '2026-11-25T09:00:00.001Z' }, true],
    ['its direction', { direction: 'inbound' }, true],
    ['another direction', { direction: 'outbound' }, false],
    ['its language', { language: 'en' }, true],
    ['another language', { language: 'fr' }, false],
    ['an index', { indexes: [index('queue', 'Q')] }, true],
    ['one of two numbers', { indexes: [index('phone', 'T'), index('queue', 'Q')] }, true],
    ['a value of another label', { indexes: [index('agent', 'Q')] }, false],
    ['an index that it has and one that it has not', { indexes: [index('queue', 'Q'), index('agent', 'A')] }, false],
  ];
  it.each(cases)('that names %s', (_name, scope, matches) => {
    expect(isInHoldScope(scope, candidate)).toBe(matches);
  });

  it('that names a direction or language matches no recording without one', () => {
    const bare = { ...candidate, direction: null, language: null };
    expect([isInHoldScope({ direction: 'inbound' }, bare), isInHoldScope({ language: 'en' }, bare)]).toEqual([
      ...[false, false],
    ]);
  });

  it('is shown by the names of what it looks at', () => {
    const scope = {
      from: 'a',
      language: 'en',
      indexes: [index('phone', 'F'), index('phone', 'T'), index('agent', 'A')],
    };
    expect(scopeNames(scope)).toEqual(['agent', 'from', 'language', 'phone']);
  });
});

describe('a stream of a hold', () => {
  const said = { v: 1, why: 'hold.placed', by: 'usr_a' } as const;
  const hold = { ...said, op: 'hold', reference: 'r', title: 't', continuing: false, review: 'z' } as const;
  const entries = (...bodies: readonly Amendment[]) => bodies.map((body, n) => ({ n: n + 1, at: `at ${n + 1}`, body }));
  const cover = (...recordings: string[]) => ({ ...said, op: 'cover', recordings }) as const;
  const lift = (...recordings: string[]) =>
    ({ ...said, by: 'usr_b', op: 'lift', ...(recordings.length === 0 ? {} : { recordings }) }) as const;

  it('says the hold, its recordings by their last entry, and its end', () => {
    const folded = foldHold(entries(hold, cover('rec_a', 'rec_b'), lift('rec_a', 'rec_c'), cover('rec_b'), lift()));
    expect(folded.hold).toEqual({ ...hold, at: 'at 1' });
    expect([...folded.recordings]).toEqual([
      ['rec_a', { covered: 2, lifted: true }],
      ['rec_b', { covered: 4, lifted: false }],
      ['rec_c', { covered: 0, lifted: true }],
    ]);
    expect(folded.lifted).toEqual({ at: 'at 5', by: 'usr_b' });
  });

  it('covers again what was lifted out of it', () => {
    const { recordings, lifted } = foldHold(entries(hold, cover('rec_a'), lift('rec_a'), cover('rec_a')));
    expect([recordings.get('rec_a'), lifted]).toEqual([{ covered: 4, lifted: false }, null]);
  });

  it('without its first entry says no hold', () => {
    expect(foldHold([])).toEqual({ hold: null, recordings: new Map(), lifted: null });
  });
});
