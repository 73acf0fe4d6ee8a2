// Past openings and requests under limits: which of them are denied, and that a denied one uses nothing.
import { describe, expect, it } from 'vitest';
import { deniedRequests, judgeOpenings, type PastOpening } from '../../../src/model/policy/past-use.ts';

const at = (time: string): string => `2026-11-${time}:00.000Z`;
const opening = (opened: string, ended: string, minutes = 1, principal = 'usr_a'): PastOpening => ({
  ...{ principal, minutes, opened: at(opened), ended: at(ended) },
});
const judged = (limits: Parameters<typeof judgeOpenings>[1], ...openings: PastOpening[]) =>
  judgeOpenings(openings, limits, 'Asia/Shanghai');

describe('past openings', () => {
  it('are stopped at the sessions of a day, in the tenant’s zone', () => {
    // 16:00 UTC is midnight in Shanghai.
    const limits = { perDay: { sessions: 2 } };
    const some = ['27T09:00', '27T10:00', '27T11:00', '27T15:59', '27T16:00'].map((time) => opening(time, time));
    const other = opening('27T12:00', '27T12:30', 1, 'usr_b');
    expect(judged(limits, ...some, other)).toEqual([null, null, 'daily_sessions', 'daily_sessions', null, null]);
  });

  it('are stopped at the minutes of a day and at live sessions; a stopped one uses nothing', () => {
    const limits = { perDay: { minutes: 10 }, atOnce: 1 };
    expect(
      judged(
        limits,
        opening('27T09:00', '27T10:00', 4),
        opening('27T09:30', '27T12:00', 50),
        opening('27T10:00', '27T10:30', 6),
        opening('27T11:00', '27T11:30', 1),
      ),
    ).toEqual([null, 'too_many_live', null, 'daily_minutes']);
  });

  it('that are live over midnight are still live', () => {
    expect(judged({ atOnce: 1 }, opening('27T15:00', '27T18:00'), opening('27T17:00', '27T17:30'))).toEqual([
      null,
      'too_many_live',
    ]);
  });

  it('are stopped outside the hours', () => {
    const hours = { days: ['fri'], from: '08:00', to: '20:00' } as const;
    expect(judged({ hours }, opening('27T00:00', '27T01:00'), opening('27T12:00', '27T13:00'))).toEqual([
      null,
      'outside_hours',
    ]);
  });
});

it('past requests are stopped at the undecided ones', () => {
  const request = (id: string, created: string, closed: string, requester = 'usr_a') => ({
    ...{ id, requester, created: at(created), closed: at(closed) },
  });
  const requests = [
    request('req_1', '27T09:00', '27T10:00'),
    request('req_2', '27T09:10', '27T20:00'),
    request('req_3', '27T09:20', '27T20:00'),
    request('req_4', '27T10:00', '27T20:00'),
    request('req_5', '27T10:10', '27T20:00', 'usr_b'),
  ];
  expect([...deniedRequests(requests, { openRequests: 2 })]).toEqual(['req_3']);
  expect(deniedRequests(requests, {}).size).toBe(0);
});
