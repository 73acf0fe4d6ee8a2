// Calculations of the pages: days of a zone, drafts, outcomes, reductions by an approver.
import { describe, expect, it } from 'vitest';
import { initials } from '../../src/console/api/current-user.ts';
import type { AccessRequestView, Grant, Me } from '../../src/console/api/types.ts';
import { dayAfter, midnight } from '../../src/console/i18n/days.ts';
import { outcomeOf } from '../../src/console/pages/access/outcome.ts';
import { reductionsOf } from '../../src/console/pages/approvals/use-decide.ts';
import {
  commonTicket,
  findTicket,
  fitToRule,
  isComplete,
  minuteChoices,
  newDraft,
  requestBodyOf,
} from '../../src/console/pages/ask/request-draft.ts';
import { countNew } from '../../src/console/pages/recordings/new-calls.tsx';
import { timeRangeOf } from '../../src/console/pages/recordings/time-range.ts';
import { forbiddenItemAt } from '../../src/console/shell/nav-items.ts';
import { mergeTerms, otherMeanings, parseSearch } from '../../src/console/shell/personal-search.ts';

describe('a day of a zone', () => {
  it('begins at local midnight, also on days when the clocks change', () => {
    expect(midnight('2026-11-25', 'Asia/Singapore')).toBe('2026-11-24T16:00:00.000Z');
    expect(midnight('2026-03-29', 'Europe/London')).toBe('2026-03-29T00:00:00.000Z');
    expect(midnight('2026-03-30', 'Europe/London')).toBe('2026-03-29T23:00:00.000Z');
    expect(midnight('2026-10-26', 'Europe/London')).toBe('2026-10-26T00:00:00.000Z');
    expect(midnight('2026-07-01', 'America/St_Johns')).toBe('2026-07-01T02:30:00.000Z');
    expect(dayAfter('2026-02-28', 1)).toBe('2026-03-01');
  });

  it('is since yesterday, the last days, chosen days, or unlimited', () => {
    const of = (span?: string) => timeRangeOf(span, '2026-11-25', 'UTC');
    expect(of()).toEqual({ from: '2026-11-24T00:00:00.000Z' });
    expect(of('7d')).toEqual({ from: '2026-11-19T00:00:00.000Z' });
    expect(of('all')).toEqual({});
    expect(of('2026-11-01..2026-11-03')).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-11-04T00:00:00.000Z',
    });
  });
});

describe('what came since the list was read', () => {
  it('counts calls that the list does not have, at any position', () => {
    const ids = (...all: string[]) => all.map((id) => ({ id }));
    expect(countNew(ids('c', 'b', 'a'), ids('b', 'a'))).toBe(1);
    expect(countNew(ids('c', 'late', 'a'), ids('c', 'a'))).toBe(1);
    expect(countNew(ids('b'), ids('b', 'a'))).toBe(0);
    expect(countNew([], ids('a'))).toBe(0);
  });
});

const RULE = {
  purpose: 'complaint',
  minutes_max: 30,
  approvals: 1,
  other_team: false,
  objects: ['audio', 'transcript'],
  bases: ['consent'],
  consent: 'any' as const,
  roles: ['reviewer'],
  window_hours: 8,
  extend_minutes: 10,
  assignable: true,
};

describe('what is asked for', () => {
  it('finds a ticket in the reason, and no text that only looks like one', () => {
    expect(findTicket('客户第二次来电投诉，工单 CS-20261125-0417。')).toBe('CS-20261125-0417');
    expect(findTicket('see NV-48213, please')).toBe('NV-48213');
    expect(findTicket('the A-4 form, covid-19')).toBeNull();
    expect(findTicket('x'.repeat(5_000))).toBeNull();
  });

  it('offers lengths that the purpose allows, and shrinks to those of another purpose', () => {
    expect(minuteChoices(30)).toEqual([10, 15, 30]);
    expect(minuteChoices(5)).toEqual([5]);
    const wish = { ...newDraft(RULE, null), minutes: 30 };
    expect(fitToRule(wish, { ...RULE, minutes_max: 20, objects: ['audio'] })).toMatchObject({
      minutes: 20,
      objects: ['audio'],
    });
  });

  it('is whole with a reason of ten characters and something to hear', () => {
    const wish = { ...newDraft(RULE, null), reason: '核对坐席承诺的时限步骤' };
    expect(isComplete(wish)).toBe(true);
    expect(isComplete({ ...wish, reason: 'too short' })).toBe(false);
    expect(isComplete({ ...wish, objects: [] })).toBe(false);
  });

  it('takes the found ticket along unless another was typed', () => {
    const wish = { ...newDraft(RULE, null), reason: 'call-back was late, NV-48213' };
    expect(requestBodyOf(wish, 'rec_1')).toMatchObject({ ticket: 'NV-48213' });
    expect(requestBodyOf({ ...wish, ticketTyped: true, ticket: ' ' }, 'rec_1')).not.toHaveProperty('ticket');
    const there = { ...newDraft(RULE, 'CARD-4021'), reason: 'weekly sample' };
    expect(requestBodyOf(there, 'rec_1').ticket).toBe('CARD-4021');
    expect(requestBodyOf({ ...there, reason: wish.reason }, 'rec_1').ticket).toBe('NV-48213');
    expect(requestBodyOf({ ...there, ticketTyped: true }, 'rec_1')).not.toHaveProperty('ticket');
    expect(commonTicket([{ ticket: 'A-100' }, { ticket: 'A-100' }])).toBe('A-100');
    for (const some of [
      [],
      [{ ticket: null }],
      [{ ticket: 'A-100' }, { ticket: null }],
      [{ ticket: 'A' }, { ticket: 'B' }],
    ])
      expect(commonTicket(some)).toBeNull();
  });
});

describe('what became of a request', () => {
  const later = '2999-01-01T00:00:00.000Z';
  const request = (state: string, grant: Partial<Grant> | null = null, expires = later) =>
    outcomeOf({ state, expires, grant } as AccessRequestView);

  it('is the request’s state, and after approval that of its grant', () => {
    expect(request('requested')).toBe('requested');
    expect(request('requested', null, '2020-01-01T00:00:00.000Z')).toBe('expired');
    expect(request('denied')).toBe('denied');
    expect(request('approved', { state: 'approved', expires: later })).toBe('live');
    expect(request('approved', { state: 'approved', expires: '2020-01-01T00:00:00.000Z' })).toBe('expired');
    expect(request('approved', { state: 'revoked', expires: later })).toBe('revoked');
  });
});

describe('what an approver leaves', () => {
  const request = { minutes: 15, objects: ['audio', 'transcript'] };

  it('is sent only for a reduction', () => {
    expect(reductionsOf(request, { minutes: 15, objects: ['audio', 'transcript'] })).toBeUndefined();
    expect(reductionsOf(request, { minutes: 10, objects: ['audio'] })).toEqual({ minutes: 10, objects: ['audio'] });
    const all = { minutes: 15, objects: ['audio', 'transcript'] };
    expect(reductionsOf(request, { ...all, extend: false })).toEqual({ extend: false });
    const opens_until = '2026-11-28T12:00:00.000Z';
    expect(reductionsOf(request, { ...all, opens_until })).toEqual({ opens_until });
  });
});

describe('a text in the search box', () => {
  it('is recognised as the id of a recording, the end of a number, or a ticket', () => {
    const id = `rec_${'0'.repeat(26)}`;
    expect(parseSearch(` ${id} `)).toEqual({ recording: id });
    expect(parseSearch('0417')).toEqual({ number_end: '0417' });
    for (const number of ['+44 20 7946 0123', '020 7946 0123', '02079460123', '13900139000', '139-0013-9000'])
      expect(parseSearch(` ${number}`)).toEqual({ number });
    expect(parseSearch('(020) 7946.0123')).toEqual({ number: '(020) 7946.0123' });
    expect(parseSearch('１３９００１３９０００')).toEqual({ number: '13900139000' });
    expect(parseSearch('+86 139****9000')).toEqual({ number_end: '9000' });
    expect(parseSearch('139****0417')).toEqual({ number_end: '0417' });
    expect(parseSearch('48213')).toEqual({ ticket: '48213' });
    expect(parseSearch('482131')).toEqual({ ticket: '482131' });
    expect(parseSearch('417')).toEqual({ ticket: '417' });
    expect(parseSearch('NV-48213')).toEqual({ ticket: 'NV-48213' });
    expect(parseSearch('rec_1')).toEqual({ ticket: 'rec_1' });
    expect(parseSearch('  ')).toBeNull();
  });

  it('is a call id if it is a UUID', () => {
    const uuid = '6F1d2c0e-58b7-4a39-9d14-b3e07a92c5f8';
    expect(parseSearch(` ${uuid}`)).toEqual({ call_id: uuid });
    expect(parseSearch(uuid.slice(1))).toEqual({ ticket: uuid.slice(1) });
  });

  it('can be searched for as everything else that it may be', () => {
    expect(otherMeanings(' NV-1 ', ['contract', 'order-no'])).toEqual([
      { call_id: 'NV-1' },
      { interaction: 'NV-1' },
      { fields: { contract: 'NV-1' } },
      { fields: { 'order-no': 'NV-1' } },
    ]);
    // An id of Asterisk has the digits of a number.
    const asterisk = '1693728847.123';
    expect(otherMeanings(asterisk, [])).toEqual([
      { ticket: asterisk },
      { call_id: asterisk },
      { interaction: asterisk },
    ]);
    const uuid = '6f1d2c0e-58b7-4a39-9d14-b3e07a92c5f8';
    expect(otherMeanings(uuid, [])).toEqual([{ ticket: uuid }, { interaction: uuid }]);
    expect(otherMeanings(`rec_${'0'.repeat(26)}`, ['contract'])).toEqual([]);
    expect(otherMeanings('  ', ['contract'])).toEqual([]);
  });
});

describe('search terms', () => {
  const terms = { agent: 'Ann', fields: { contract: 'K-1', product: 'loan' } };

  it('are added, replaced, and removed by an empty text', () => {
    expect(mergeTerms(terms, { call_id: 'C-1' })).toEqual({ ...terms, call_id: 'C-1' });
    expect(mergeTerms(terms, { agent: '', fields: { contract: 'K-2' } })).toEqual({
      fields: { contract: 'K-2', product: 'loan' },
    });
    // Without any term the list is not a search.
    expect(mergeTerms(terms, { agent: '', fields: { contract: '', product: '' } })).toEqual({});
  });
});

describe('a place that a role has nothing to do at', () => {
  const of = (actions: readonly string[]) => (pathname: string) =>
    forbiddenItemAt({ actions } as unknown as Me, pathname)?.name ?? null;

  it('is forbidden with every page under it, and no other is', () => {
    const auditor = of(['log.activity', 'people.read']);
    expect(auditor('/recordings')).toBe('recordings');
    expect(auditor('/recordings/rec_1/ask')).toBe('recordings');
    expect(auditor('/approvals/req_1')).toBe('approvals');
    expect(auditor('/activity')).toBeNull();
    expect(auditor('/people')).toBeNull();
    expect(auditor('/keys')).toBe('keys');
  });

  it('is never help, the account or an unknown address', () => {
    const service = of([]);
    expect(['/help', '/account', '/', '/recordings-of-old'].map(service)).toEqual([null, null, null, null]);
  });
});

describe('a person’s avatar', () => {
  it('has initials, or the first character of a Chinese name', () => {
    expect(initials('Oliver Grant')).toBe('OG');
    expect(initials('何雨桐')).toBe('何');
    expect(initials('demo-operator')).toBe('DO');
    expect(initials(' ')).toBe('?');
  });
});
