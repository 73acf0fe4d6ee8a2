// Related events: those of a recording's events that belong to the same request, and no others.
import { expect, it } from 'vitest';
import { relatedEvents } from '../../../src/console/pages/activity/events/why-allowed.tsx';
import type { ActivityEvent } from '../../../src/console/pages/activity/log/queries.ts';

const id = (kind: string, n: number): string => `${kind}_${n}`;
const event = (index: number, action: string, object: Record<string, string>): ActivityEvent => ({
  ...{ index, action, at: '2026-11-25T12:00:00.000Z', outcome: 'ok', detail: null, detail_state: 'none' },
  ...{ actor: { id: 'usr_a', type: 'person', auth: 'sign-in', name: 'Ann' }, leaf: '', hash: '' },
  object: { type: 'x', id: 'x', recording: 'rec_1', ...object },
});

/** A request, its approval, two sessions on its grant, and its end, with consecutive numbers. */
const story = (n: number, from: number): ActivityEvent[] => [
  event(from, 'access.requested', { type: 'request', id: id('req', n) }),
  event(from + 1, 'access.approved', { type: 'request', id: id('req', n), grant: id('grt', n) }),
  event(from + 2, 'session.opened', { type: 'session', id: id('ses', n), grant: id('grt', n), request: id('req', n) }),
  event(from + 3, 'session.ended', { type: 'session', id: id('ses', n), grant: id('grt', n) }),
  event(from + 4, 'session.opened', {
    ...{ type: 'session', id: id('ses', n + 50), grant: id('grt', n) },
    request: id('req', n),
  }),
  event(from + 5, 'grant.revoked', { type: 'grant', id: id('grt', n), request: id('req', n) }),
];
const [one, two] = [story(1, 0), story(2, 10)];
const all = [...two, ...one, event(20, 'recording.read', { type: 'recording', id: 'rec_1' })];
const chain = (index: number): number[] => {
  const chosen = all.find((found) => found.index === index);
  return chosen === undefined ? [] : relatedEvents(chosen, all).map((found) => found.index);
};

it('of a session are its request, its approval, itself and its end, oldest first', () => {
  expect(chain(2)).toEqual([0, 1, 2, 3, 5]);
  expect(chain(3)).toEqual([0, 1, 2, 3, 5]);
  expect(chain(4)).toEqual([0, 1, 4, 5]);
});

it('a request and a grant show every session they led to', () => {
  expect(chain(10)).toEqual([10, 11, 12, 13, 14, 15]);
  expect(chain(15)).toEqual([10, 11, 12, 13, 14, 15]);
});

it('what hangs on no request shows nothing', () => {
  expect(chain(20)).toEqual([]);
});
