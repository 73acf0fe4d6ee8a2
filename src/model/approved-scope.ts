// The scope of approvals: each may grant less than the request asks for, none may grant more.
import { VaultError } from '../errors.ts';
import type { AccessRequest, Decision } from './access.ts';
import { minutesAfter } from './grant-clock.ts';
import type { PurposeRule } from './policy.ts';

/** The scope of one approval. An absent member grants what the request asks for and the policy allows. */
export type Narrowing = {
  readonly minutes?: number;
  readonly objects?: readonly string[];
  /** The latest first listen. */
  readonly opensUntil?: string;
  /** Whether the holder may extend the grant once. */
  readonly extend?: boolean;
};

/** The clock of a rule: a window for the first listen, and one extension. */
export type ClockRule = Partial<Pick<PurposeRule, 'windowHours' | 'extendMinutes'>>;

/** The combined scope, in the form of a row. Without a window, the approval starts the clock. */
export type ApprovedScope = {
  readonly minutes: number;
  readonly objects: readonly string[];
  readonly opensUntil: string | null;
  readonly extendMinutes: number | null;
};

type Request = Pick<AccessRequest, 'minutes' | 'objects'>;
type Approval = Pick<Decision, 'minutes' | 'objects' | 'opensUntil' | 'extendMinutes'>;

/** An approval with these limits, in the form of a row. */
export function approvalOf({ minutes, objects, opensUntil, extend }: Narrowing): Approval {
  return {
    minutes: minutes ?? null,
    objects: objects ?? null,
    opensUntil: opensUntil ?? null,
    extendMinutes: extend === false ? 0 : null,
  };
}

/** The end of the window that opens at `now`; null where the rule has none. */
function windowEnd(rule: ClockRule | undefined, now: string): string | null {
  return rule?.windowHours === undefined ? null : minutesAfter(now, rule.windowHours * 60);
}

/** Throws `malformed` where an approval at `now` exceeds the request or the rule. */
export function requireWithinRequest(
  request: Request,
  only: Narrowing,
  rule: ClockRule | undefined,
  now: string,
): void {
  const latest = windowEnd(rule, now);
  const { minutes, objects, opensUntil } = only;
  const exceeding = [
    minutes !== undefined && minutes > request.minutes ? ['/minutes', 'exceeds the request'] : null,
    objects?.some((name) => !request.objects.includes(name))
      ? ['/objects', 'has an object that was not requested']
      : null,
    opensUntil !== undefined && (latest === null || opensUntil > latest)
      ? ['/opens_until', 'is later than the policy allows']
      : null,
    opensUntil !== undefined && opensUntil <= now ? ['/opens_until', 'is in the past'] : null,
    only.extend === true && (rule?.extendMinutes ?? 0) === 0 ? ['/extend', 'is not allowed by the policy'] : null,
  ].filter((one) => one !== null);
  if (exceeding.length === 0) return;
  const fields = exceeding.map(([pointer = '', detail = '']) => ({ pointer, detail }));
  throw new VaultError('malformed', 'an approval cannot exceed the request', { fields });
}

/** Why approvals give no scope together. */
export type ScopeFault = 'objects_not_allowed' | 'window_over';

/**
 * Combines all approvals: the fewest minutes, the objects that all grant, the earliest end of the window, the shortest
 * extension. A fault where no object is common, or the window of an earlier approval has ended.
 */
export function approvedScope(
  request: Request,
  approvals: readonly Approval[],
  rule: ClockRule | undefined,
  now: string,
): ApprovedScope | { readonly fault: ScopeFault } {
  const minutes = Math.min(request.minutes, ...approvals.map((one) => one.minutes ?? request.minutes));
  const kept = approvals.map((one) => one.objects ?? request.objects);
  const objects = request.objects.filter((name) => kept.every((names) => names.includes(name)));
  if (objects.length === 0) return { fault: 'objects_not_allowed' };
  const latest = windowEnd(rule, now);
  if (latest === null) return { minutes, objects, opensUntil: null, extendMinutes: null };
  const [opensUntil = latest] = [latest, ...approvals.flatMap((one) => one.opensUntil ?? [])].sort();
  // A grant made now would end before its first listen.
  if (opensUntil <= now) return { fault: 'window_over' };
  const allowed = rule?.extendMinutes ?? 0;
  const extendMinutes = Math.min(allowed, ...approvals.map((one) => one.extendMinutes ?? allowed));
  return { minutes, objects, opensUntil, extendMinutes: extendMinutes > 0 ? extendMinutes : null };
}
