// Calculations of the queue and of assignments: their order, due times, and what can be assigned.
import { describe, expect, it } from 'vitest';
import type { Me } from '../../src/console/api/types.ts';
import { nextFriday, timeAt, wallTimeOf } from '../../src/console/i18n/days.ts';
import {
  assignableCalls,
  assignableRules,
  dueOf,
  isReasonComplete,
  newAssignDraft,
  preventsAll,
  wantedBatch,
} from '../../src/console/pages/assignments/draft.ts';
import { isTrainingOver } from '../../src/console/pages/assignments/training.ts';
import { canHear } from '../../src/console/queue/can-hear.ts';
import { inScreenOrder, itemAfter, laterGrants, putLater } from '../../src/console/queue/order.ts';
import { forbiddenItemAt, navItemsFor } from '../../src/console/shell/nav-items.ts';

const items = (...ids: string[]) => ids.map((id) => ({ id }));

describe('the order of a queue on one screen', () => {
  it('has calls for later at its end, in the order in which they were moved there', () => {
    const ids = (later: readonly string[]) => inScreenOrder(items('a', 'b', 'c', 'd'), later).map(({ id }) => id);
    expect(ids([])).toEqual(['a', 'b', 'c', 'd']);
    expect(ids(['c', 'a'])).toEqual(['b', 'd', 'c', 'a']);
    expect(ids(['gone', 'b'])).toEqual(['a', 'c', 'd', 'b']);
  });

  it('moves a call behind those that were moved since', () => {
    laterGrants.set([]);
    for (const id of ['a', 'b', 'a']) putLater(id);
    expect(laterGrants.get()).toEqual(['b', 'a']);
    laterGrants.set([]);
  });

  it('goes on with the call after the finished one, and after the last with the first', () => {
    const calls = items('a', 'b', 'c');
    expect(itemAfter(calls, 'a')?.id).toBe('b');
    expect(itemAfter(calls, 'c')?.id).toBe('a');
    expect(itemAfter(items('a'), 'a')).toBeNull();
    expect(itemAfter(calls, 'gone')?.id).toBe('a');
  });
});

describe('an assigned call', () => {
  it('can be heard before its end while a use is left', () => {
    const call = { expires: '2026-11-27T18:00:00.000Z', uses_left: 1, recording: 'rec_1' };
    const before = Date.parse('2026-11-27T17:59:59.000Z');
    // Without a session in the history of the page.
    Object.assign(globalThis, { history: { state: null } });
    expect(canHear(call, before)).toBe(true);
    expect(canHear(call, before + 1_000)).toBe(false);
    expect(canHear({ ...call, uses_left: 0 }, before)).toBe(false);
    Reflect.deleteProperty(globalThis, 'history');
  });
});

describe('a due time', () => {
  it('is the next Friday at 18:00 of the zone; on a Friday, of the week after', () => {
    const at = (iso: string, zone: string) => nextFriday(Date.parse(iso), zone);
    expect(at('2026-11-25T12:00:00Z', 'Europe/London')).toBe('2026-11-27T18:00');
    expect(at('2026-11-26T15:59:00Z', 'Asia/Shanghai')).toBe('2026-11-27T18:00');
    // Already Friday in Shanghai.
    expect(at('2026-11-26T16:00:00Z', 'Asia/Shanghai')).toBe('2026-12-04T18:00');
    expect(at('2026-11-28T12:00:00Z', 'UTC')).toBe('2026-12-04T18:00');
  });

  it('is read in the zone, also on days when the clocks change', () => {
    expect(timeAt('2026-11-27T18:00', 'Asia/Shanghai')).toBe('2026-11-27T10:00:00.000Z');
    expect(timeAt('2026-10-25T18:00', 'Europe/London')).toBe('2026-10-25T18:00:00.000Z');
    expect(timeAt('2026-03-29T18:00', 'Europe/London')).toBe('2026-03-29T17:00:00.000Z');
    expect(wallTimeOf('2026-11-27T10:00:00.000Z', 'Asia/Shanghai')).toBe('2026-11-27T18:00');
  });

  it('is none while its field is empty', () => {
    expect(dueOf({ due: '' }, 'UTC')).toBeNull();
    expect(dueOf({ due: '2026-11-27T18:00' }, 'UTC')).toBe('2026-11-27T18:00:00.000Z');
  });
});

const RULE = {
  purpose: 'quality',
  minutes_max: 60,
  approvals: 1,
  objects: ['audio', 'transcript'],
  bases: ['consent'],
  consent: 'any' as const,
  roles: ['reviewer'],
  window_hours: 8,
  other_team: false,
  extend_minutes: 10,
  assignable: true,
};

describe('an assignment', () => {
  const draft = newAssignDraft(RULE, [RULE], null, 'UTC');
  const grant = { recording: 'rec_1', reviewer: 'usr_1', minutes: 20, code: null, instead_of: null };
  const checked = { policy: 'pol_1', grants: [grant], reviewers: [], checks: [] };

  it('asks the service about its calls, without a due time while none is typed', () => {
    const calls = [{ recording: 'rec_1' }];
    const asked = wantedBatch(calls, draft, 'UTC');
    expect(asked).toMatchObject({ grants: calls, reviewers: [], purpose: 'quality', objects: RULE.objects });
    expect(asked.due).toMatch(/T18:00:00\.000Z$/);
    expect(wantedBatch(calls, { ...draft, due: '' }, 'UTC')).not.toHaveProperty('due');
  });

  it('is offered for purposes that one person can assign to reviewers', () => {
    const purposes = [
      RULE,
      { ...RULE, purpose: 'complaint', assignable: false },
      { ...RULE, purpose: 'dispute', approvals: 2 },
      { ...RULE, purpose: 'training', roles: ['supervisor'] },
    ];
    expect(assignableRules({ purposes })).toEqual([RULE]);
  });

  it('keeps the purpose of calls that are reassigned while the policy allows it, and the reason in any case', () => {
    const before = { purpose: 'complaint', objects: ['audio'], reason: 'New script' };
    const complaint = { ...RULE, purpose: 'complaint' };
    expect(newAssignDraft(RULE, [RULE, complaint], before, 'UTC')).toMatchObject(before);
    const { objects } = RULE;
    expect(newAssignDraft(RULE, [RULE], before, 'UTC')).toMatchObject({ ...before, purpose: 'quality', objects });
  });

  it('consists of the calls that have a reviewer and no obstacle', () => {
    const grants = [
      grant,
      { ...grant, recording: 'rec_2', reviewer: null, code: 'own_call' },
      { ...grant, recording: 'rec_3', code: 'already_granted' },
      { ...grant, recording: 'rec_4', instead_of: 'grt_1' },
    ];
    expect(assignableCalls({ ...checked, grants })).toEqual([
      { recording: 'rec_1', reviewer: 'usr_1' },
      { recording: 'rec_4', reviewer: 'usr_1', instead_of: 'grt_1' },
    ]);
  });

  it('is prevented by checks of the whole, not by single calls or the day limits', () => {
    const failing = (check: string) => ({ checks: [{ check, ok: false as const }] });
    expect(preventsAll(failing('assignable'))).toBe(true);
    expect(preventsAll(failing('due'))).toBe(true);
    expect(preventsAll(failing('maker-no-reviewer'))).toBe(true);
    expect(preventsAll(failing('calls-allowed'))).toBe(false);
    expect(preventsAll(failing('daily-limits'))).toBe(false);
    expect(preventsAll({ checks: [{ check: 'due', ok: null }] })).toBe(false);
  });

  it('needs a reason that the service accepts', () => {
    expect(isReasonComplete({ reason: ' ab ' })).toBe(false);
    expect(isReasonComplete({ reason: '抽检话' })).toBe(true);
    expect(isReasonComplete({ reason: 'x'.repeat(501) })).toBe(false);
  });
});

describe('a training', () => {
  it('counts until the end of its last day in the zone', () => {
    const now = Date.parse('2026-11-27T16:30:00Z');
    expect(isTrainingOver('2026-11-27', now, 'UTC')).toBe(false);
    expect(isTrainingOver('2026-11-27', now, 'Asia/Shanghai')).toBe(true);
    expect(isTrainingOver(null, now, 'UTC')).toBe(false);
  });
});

describe('the page of a queue', () => {
  const of = (roles: readonly string[], actions: readonly string[]) =>
    ({ principal: { roles }, actions }) as unknown as Me;
  const actions = ['assignment.read', 'recording.read'];

  it('is the first page of a reviewer', () => {
    expect(navItemsFor(of(['reviewer'], actions))[0]?.to).toBe('/my-queue');
  });

  it('is none of a supervisor to whom no call can be assigned', () => {
    expect(navItemsFor(of(['supervisor'], actions)).map(({ to }) => to)).toEqual(['/recordings']);
    expect(forbiddenItemAt(of(['supervisor'], actions), '/my-queue')?.name).toBe('my-queue');
  });
});
