// Subject requests in the console: what comes next, what can become of a recording, groups, and the form of a new one.
import { describe, expect, it } from 'vitest';
import { bodyOf, faultsOf, newDraft, placeOf } from '../../src/console/pages/subjects/new/draft.ts';
import { readSubjectsSearch } from '../../src/console/pages/subjects/search-params.ts';
import {
  countsOf,
  groupsOf,
  headingKinds,
  impossibleOf,
  nextShown,
  outcomeOf,
  sentOutcomes,
} from '../../src/console/subjects/outcomes.ts';
import { dueIn, isToDecide, stageOf, stepsDone } from '../../src/console/subjects/stage.ts';
import type { SubjectRecording, SubjectRequest } from '../../src/console/subjects/types.ts';

const COUNTS = {};
const IDENTITY = { at: '2026-11-13T09:00:00.000Z', how: 'called back', by: 'usr_1', by_name: null };

const at = (more: Partial<SubjectRequest>) =>
  ({
    ...{ state: 'open', identity: null, change: null },
    recordings: { found: 0, decided: 0, done: 0, outcomes: COUNTS },
    ...more,
  }) as SubjectRequest;
const change = (state: string, signed: string | null = '2026-11-14T09:00:00.000Z') => ({ id: 'chg_1', state, signed });

const row = (recording: string, more: Partial<SubjectRecording> = {}): SubjectRecording => ({
  ...{ recording, state: 'available', began: '2026-11-09T10:42:00.000Z', direction: 'inbound', queue: 'Billing' },
  ...{ duration_ms: 1000, basis: 'consent', withdrawn: true, heard: { times: 0, last: null }, keep_until: null },
  ...{
    kept_by: null,
    holds: [],
    restricted: false,
    suggested: 'erase',
    possible: ['erase', 'told'],
    outcome: null,
    done: null,
    blocked: null,
  },
  ...more,
});

describe('what comes next with a request', () => {
  it('goes from the identity to the answer', () => {
    expect(stageOf(at({}))).toBe('identity');
    expect(stageOf(at({ identity: IDENTITY }))).toBe('search');
    expect(stageOf(at({ state: 'searched' }))).toBe('decide');
    expect(stageOf(at({ state: 'proposed', change: change('open', null) }))).toBe('sign');
    expect(stageOf(at({ state: 'proposed', change: change('open') }))).toBe('approval');
    const recordings = { found: 3, decided: 3, done: 2, outcomes: COUNTS };
    expect(stageOf(at({ state: 'doing', recordings, change: change('approved') }))).toBe('doing');
    const applied = { state: 'doing' as const, change: change('applied') };
    expect(stageOf(at({ ...applied, recordings: { ...recordings, done: 3 } }))).toBe('send');
    expect(stageOf(at({ state: 'answered' }))).toBe('answered');
    expect(stageOf(at({ state: 'refused' }))).toBe('refused');
  });

  it.each(['refused', 'withdrawn', 'expired'])('is another decision after one that was %s', (state) => {
    const request = at({ state: 'proposed', change: change(state) });
    expect(stageOf(request)).toBe('again');
    expect(isToDecide(request)).toBe(true);
  });

  it('is a decision on what stayed, where something keeps it from what was decided', () => {
    const recordings = { found: 3, decided: 2, done: 2, outcomes: COUNTS };
    const request = at({ state: 'doing', change: change('applied'), recordings });
    expect(stageOf(request)).toBe('rest');
    expect(isToDecide(request)).toBe(true);
    expect(stepsDone(request)).toBe(3);
  });

  it('counts the steps that are done', () => {
    const done = [at({}), at({ identity: IDENTITY }), at({ state: 'searched' }), at({ state: 'doing' })].map(stepsDone);
    expect([...done, stepsDone(at({ state: 'answered' }))]).toEqual([1, 2, 3, 4, 5]);
  });

  it('is due in days of the calendar, soon from a week, then overdue', () => {
    expect(dueIn('2026-12-12', '2026-11-25')).toEqual({ days: 17, tone: 'plain' });
    expect(dueIn('2026-12-12', '2026-12-05')).toEqual({ days: 7, tone: 'soon' });
    expect(dueIn('2026-12-12', '2026-12-12')).toEqual({ days: 0, tone: 'soon' });
    expect(dueIn('2026-12-12', '2026-12-13')).toEqual({ days: -1, tone: 'overdue' });
  });

  it('is a filter of the address, and nothing else is', () => {
    expect(readSubjectsSearch({ only: 'doing', state: 'open' })).toEqual({ only: 'doing' });
    expect(readSubjectsSearch({ only: 'DOING' })).toEqual({});
  });
});

describe('what can become of a recording', () => {
  it('is one of those that are possible, or the decision cannot be sent', () => {
    const rows = [row('rec_1'), row('rec_2', { possible: ['held', 'told'] })];
    const ids = (chosen: [string, 'told' | 'restrict'][]) =>
      impossibleOf(rows, new Map(chosen)).map(({ recording }) => recording);
    expect(ids([])).toEqual(['rec_2']);
    expect(ids([['rec_2', 'told']])).toEqual([]);
    expect(
      ids([
        ['rec_1', 'restrict'],
        ['rec_2', 'told'],
      ]),
    ).toEqual(['rec_1']);
  });

  it('is what was chosen until it is decided, and then what was decided', () => {
    const chosen = new Map([['rec_1', 'told' as const]]);
    const decided = row('rec_1', { outcome: 'restrict' });
    expect(outcomeOf(decided, chosen, true)).toBe('told');
    expect(outcomeOf(decided, new Map(), true)).toBe('erase');
    expect(outcomeOf(decided, chosen, false)).toBe('restrict');
    const done = row('rec_1', { outcome: 'restrict', done: '2026-11-20T10:00:00.000Z' });
    expect(outcomeOf(done, chosen, true)).toBe('restrict');
    expect(sentOutcomes([done], chosen)).toEqual([]);
    expect(impossibleOf([{ ...done, possible: [] }], chosen)).toEqual([]);
    expect(outcomeOf(row('rec_2', { suggested: null, began: null }), chosen, true)).toBe('told');
  });

  it('is sent only where it is not what was suggested', () => {
    const rows = [row('rec_1'), row('rec_2'), row('rec_3', { suggested: 'told' })];
    const chosen = new Map([
      ['rec_1', 'told' as const],
      ['rec_3', 'told' as const],
      ['rec_9', 'told' as const],
    ]);
    expect(sentOutcomes(rows, chosen)).toEqual([{ recording: 'rec_1', outcome: 'told' }]);
  });

  it('groups rows in the order of outcomes, newest call first, and counts them', () => {
    const rows = [
      row('rec_1', { suggested: 'held', began: '2026-10-04T13:22:00.000Z' }),
      row('rec_2', { began: '2026-10-19T09:31:00.000Z' }),
      row('rec_3'),
    ];
    const groups = groupsOf(rows, ({ suggested }) => suggested ?? 'told');
    expect(groups.map(({ outcome, rows: of }) => [outcome, of.map(({ recording }) => recording)])).toEqual([
      ['erase', ['rec_3', 'rec_2']],
      ['held', ['rec_1']],
    ]);
    expect(countsOf(rows, ({ suggested }) => suggested ?? 'told')).toEqual({ erase: 2, held: 1 });
  });

  it('shows the rest of a group, 50 rows at a time', () => {
    expect([nextShown(3, 9), nextShown(3, 53), nextShown(3, 54)]).toEqual([9, 53, 53]);
  });
});

describe('the heading of a request', () => {
  it('names the act first, and a withdrawal only where it comes alone', () => {
    expect(headingKinds({ kinds: ['access', 'withdraw', 'erase'] })).toEqual(['erase', 'access']);
    expect(headingKinds({ kinds: ['withdraw'] })).toEqual(['withdraw']);
  });
});

describe('the form of a new request', () => {
  const empty = newDraft('2026-11-29', 'en');

  it('names what is missing or wrong', () => {
    expect(faultsOf({ ...empty, received: '2026-11-30' }, '2026-11-29')).toEqual([
      { place: 'kinds', fault: 'kinds' },
      { place: 'received', fault: 'received' },
      { place: 'numbers', fault: 'person' },
    ]);
    const asked = { ...empty, kinds: ['access' as const], numbers: ['+65 9123 4417', 'nine'] };
    expect(faultsOf(asked, '2026-11-29')).toEqual([{ place: 'numbers', fault: 'number', number: 'nine' }]);
    expect(faultsOf({ ...asked, numbers: [], fields: { contract: ' K-1 ' } }, '2026-11-29')).toEqual([]);
    expect(faultsOf({ ...asked, numbers: ['139-0013-9000', '(020) 7946 0123'] }, '2026-11-29')).toEqual([]);
    const many = Array.from({ length: 21 }, (_, n) => `+65 9123 44${String(n).padStart(2, '0')}`);
    expect(faultsOf({ ...asked, numbers: many }, '2026-11-29')).toEqual([{ place: 'numbers', fault: 'many' }]);
  });

  it('sends what was filled in, and copies only with access', () => {
    const draft = { ...empty, kinds: ['erase' as const, 'access' as const], numbers: [' +6591234417 '], copies: true };
    const person = { relation: 'self', channel: 'letter', language: 'en', copies: true, numbers: ['+6591234417'] };
    expect(bodyOf(draft, null)).toEqual({ kinds: ['access', 'erase'], person });
    const received = '2026-11-11T16:00:00.000Z';
    expect(
      bodyOf({ ...draft, kinds: ['erase'], name: ' Tan ', fields: { contract: ' ', order: 'A' } }, received),
    ).toEqual({
      kinds: ['erase'],
      received,
      person: { ...person, copies: false, name: 'Tan', fields: { order: 'A' } },
    });
  });

  it('finds the field that a problem of the service is about', () => {
    expect(placeOf('/person/numbers/0')).toBe('numbers');
    expect(placeOf('/received')).toBe('received');
    expect(placeOf('/person/relation')).toBeNull();
    expect(placeOf('/note')).toBeNull();
  });
});
