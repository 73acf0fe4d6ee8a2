// Past openings and requests of people under the limits of another policy, each person's in order of time.
import { startOfLocalDay } from '../local-time.ts';
import type { Policy } from '../policy.ts';
import { hoursChecks, openRequestsChecks, usedChecks } from './limits.ts';

/** A session that was opened: from when to when it was live, and the minutes that it began. */
export type PastOpening = {
  readonly principal: string;
  readonly opened: string;
  readonly ended: string;
  readonly minutes: number;
};

/** A request while it was undecided. */
export type PastWaiting = {
  readonly id: string;
  readonly requester: string;
  readonly created: string;
  readonly closed: string;
};

type Limits = Pick<Policy, 'hours' | 'perDay' | 'atOnce'>;

/** For each opening, oldest first, the code of the limit that denies it, or null. A denied one uses nothing. */
export function judgeOpenings(openings: readonly PastOpening[], policy: Limits, timeZone: string): (string | null)[] {
  const allowed = new Map<string, PastOpening[]>();
  return openings.map((one) => {
    const before = allowed.get(one.principal) ?? [];
    const day = startOfLocalDay(timeZone, Date.parse(one.opened));
    const today = before.filter(({ opened }) => Date.parse(opened) >= day);
    const live = before.filter(({ ended }) => ended > one.opened);
    const minutes = today.reduce((sum, each) => sum + each.minutes, 0);
    const used = { sessions: today.length, minutes, live: live.length };
    const checks = [...hoursChecks(policy, timeZone, one.opened), ...usedChecks(policy, used)];
    const code = checks.find(({ ok }) => ok !== true)?.code ?? null;
    // Those of earlier days that have ended limit nothing any more.
    const kept = [...new Set([...today, ...live])];
    allowed.set(one.principal, code === null ? [...kept, one] : kept);
    return code;
  });
}

/** The ids of requests, oldest first, that the limit on undecided ones denies. */
export function deniedRequests(requests: readonly PastWaiting[], policy: Pick<Policy, 'openRequests'>): Set<string> {
  const waiting = new Map<string, PastWaiting[]>();
  const denied = new Set<string>();
  for (const one of requests) {
    const open = (waiting.get(one.requester) ?? []).filter(({ closed }) => closed > one.created);
    const [check] = openRequestsChecks(policy, open.length);
    if (check !== undefined && check.ok !== true) denied.add(one.id);
    else open.push(one);
    waiting.set(one.requester, open);
  }
  return denied;
}
