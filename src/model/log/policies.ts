// The part of the log's check that follows versions of the policy: which is in force, and whether requests and grants are within it.
import { type At, correctedTo, GRACE_MS } from './at.ts';
import { hexOf } from './base64.ts';
import { type LeafValue, listed } from './leaf.ts';
import type { ProofCrypto } from './proof.ts';
import type { ReplayedVersions } from './replayed-versions.ts';

/** The texts of a tenant's versions of its policy, by id: canonical JSON; null for one that the caller does not have. */
export type PolicyBodies = (id: string) => Uint8Array | null;

/** What a policy says, as far as the log shows whether it was kept. Of version 1 and 2. */
type Policy = {
  readonly approverAgeHours?: number;
  readonly uses?: number;
  readonly apiKeyDecisions?: boolean;
  readonly purposes?: { readonly [purpose: string]: Rule };
};

type Rule = {
  readonly approvals?: number;
  readonly objects?: readonly string[];
  readonly longestMinutes?: number;
  readonly windowHours?: number;
  readonly extendMinutes?: number;
  readonly assignable?: boolean;
  readonly consent?: string;
};

/** A version, with its body where the caller has it. `until`: when the next one came, in milliseconds. */
type Version = { readonly id: string; readonly policy: Policy | null; until: number };

export type Policies = {
  readonly check: (at: At) => void;
  /** The hours for which an approver must have been a supervisor. */
  readonly approverAgeHours: () => number;
  /** A request within the rule of the version that it names. */
  readonly checkRequest: (at: At) => void;
  /** The grant of an approval, and one that was assigned, within the rule in force. */
  readonly checkGrant: (at: At, purpose: string | null) => void;
  readonly checkAssignment: (at: At) => void;
};

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const HOUR_MS = 3_600_000;

/** What the policy lets an API key decide, or not. */
const DECISIONS: ReadonlySet<string> = new Set(['access.approved', 'access.denied']);

/**
 * Follows the versions of the policy. `tenant.created` or `tenant.rebuilt` name the first one; of an older log, the first
 * event that names one does. Without `bodies`, only what the events say is compared.
 */
export function policiesOf(
  replayed: Pick<ReplayedVersions, 'has'>,
  bodies?: PolicyBodies,
  crypto?: Pick<ProofCrypto, 'sha256'>,
): Policies {
  let current: Version | null = null;
  let previous: Version | null = null;
  /** Of a log whose policies the caller does not have. */
  let ageHours = 0;

  const read = (id: string, at: At, named?: LeafValue): Policy | null => {
    const body = bodies?.(id) ?? null;
    if (body === null) return null;
    if (named !== undefined && crypto !== undefined && hexOf(crypto.sha256(body)) !== named) {
      at.find('policy_differs');
      return null;
    }
    try {
      const policy: unknown = JSON.parse(UTF8.decode(body));
      if (isPolicy(policy)) return policy;
    } catch {
      // Not JSON.
    }
    at.find('policy_differs');
    return null;
  };

  /** A version that the log begins or changes to, and whose text the caller does not have. */
  const noteUnread = ({ leaf: { object, log }, note }: At, id: string): void => {
    const isMissing = object['sha256'] !== undefined && (bodies?.(id) ?? null) === null;
    if (isMissing && !log.endsWith('/deployment')) note('policy_unchecked');
  };

  /** `digest`: the SHA-256 that the event names, in hex. */
  const begin = (id: string, at: At, digest?: LeafValue): void => {
    if (current !== null) current.until = at.now;
    previous = current;
    current = { id, policy: read(id, at, digest), until: Number.POSITIVE_INFINITY };
  };

  /** The version that an event names. One that was replaced just before was read before it. */
  const named = (at: At): Version | null => {
    const id = at.leaf.object['policy'];
    if (id === undefined) return current;
    if (current === null) begin(String(id), at);
    const found = [current, isRecent(previous, at.now) ? previous : null].find((one) => one?.id === id);
    if (found === undefined) at.find('policy_unknown');
    return found ?? null;
  };

  /** Finds what no version allows that was in force at this moment. */
  const requireSome = (at: At, isAllowed: (policy: Policy) => boolean): void => {
    const versions = [current, isRecent(previous, at.now) ? previous : null];
    const policies = versions.flatMap((version) => (version === null ? [] : [version.policy]));
    if (!policies.some((policy) => policy === null || isAllowed(policy)) && policies.length > 0)
      at.find('policy_weaker');
  };

  const change = (at: At): void => {
    const { object } = at.leaf;
    const { from } = object;
    if (replayed.has(at)) {
      // The newest version has the greatest id.
      if (current === null || object.id > current.id) begin(object.id, at, object['sha256']);
      return;
    }
    noteUnread(at, object.id);
    if (current === null && from !== undefined) begin(String(from), at);
    if (current !== null && from !== undefined && current.id !== from) at.find('policy_unknown');
    begin(object.id, at, object['sha256']);
    ageHours = Number(object['approver_age_hours'] ?? ageHours);
  };

  /** A session on consent that the version which it names does not count. Copies for the person need none. */
  const checkOpening = (at: At): void => {
    const policy = named(at)?.policy;
    const { consent, purpose, change: copied } = at.leaf.object;
    if (policy === null || policy === undefined || consent === undefined || copied !== undefined) return;
    const rule = ruleOf(policy, purpose)?.consent ?? 'any';
    if (rule !== 'any' && consent !== 'stated' && consent !== rule) at.find('policy_weaker');
  };

  /** A rebuilt tenant begins with the first policy; whatever its store has of later ones is applied again. */
  const beginAgain = (at: At): void => {
    const policy = current?.policy ?? null;
    if (at.isNew && policy !== null && !isOfRebuilt(policy)) at.find('policy_unknown');
  };

  return {
    check: (at) => {
      const { action, actor, object } = at.leaf;
      const to = correctedTo(at);
      if (to !== null && previous !== null) previous.until = Math.min(previous.until, to);
      if (action === 'policy.changed') change(at);
      else if ((action === 'tenant.created' || action === 'tenant.rebuilt') && object['policy'] !== undefined) {
        noteUnread(at, String(object['policy']));
        begin(String(object['policy']), at, object['sha256']);
      }
      if (action === 'tenant.rebuilt') beginAgain(at);
      else if (action === 'session.opened') checkOpening(at);
      else if (DECISIONS.has(action) && actor.auth === 'api-key')
        requireSome(at, ({ apiKeyDecisions }) => apiKeyDecisions === true);
    },
    approverAgeHours: () => current?.policy?.approverAgeHours ?? ageHours,
    checkRequest: (at) => {
      const { object } = at.leaf;
      const policy = named(at)?.policy;
      if (policy === null || policy === undefined) return;
      const rule = ruleOf(policy, object['purpose']);
      const isWithin =
        rule !== undefined &&
        isWithinScope(rule, at) &&
        Number(object['approvals']) >= Math.max(1, rule.approvals ?? 1);
      if (!isWithin) at.find('policy_weaker');
    },
    checkGrant: (at, purpose) =>
      requireSome(at, (policy) => {
        const rule = ruleOf(policy, purpose ?? at.leaf.object['purpose']);
        return rule !== undefined && isWithinGrant(policy, rule, at) && isInWindow(rule, at);
      }),
    checkAssignment: (at) =>
      requireSome(at, (policy) => {
        const rule = ruleOf(policy, at.leaf.object['purpose']);
        const isAssignable = rule?.assignable === true && (rule.approvals ?? 1) <= 1;
        return isAssignable && isWithinScope(rule, at) && isWithinGrant(policy, rule, at);
      }),
  };
}

/** Of the first policy, so far as it gives access: an hour at most from the approval on, three sessions, no API keys. */
function isOfRebuilt({ apiKeyDecisions, uses, purposes }: Policy): boolean {
  const isShort = ({ longestMinutes, extendMinutes, windowHours, assignable }: Rule): boolean =>
    Number(longestMinutes) <= 60 && (extendMinutes ?? 0) === 0 && windowHours === undefined && assignable !== true;
  return apiKeyDecisions !== true && Number(uses) <= 3 && Object.values(purposes ?? {}).every(isShort);
}

/** Whether a text has the form of a policy, as far as it is read here. */
function isPolicy(value: unknown): value is Policy {
  if (!isMembers(value)) return false;
  const { approverAgeHours, uses, purposes = {} } = value;
  return [approverAgeHours, uses].every(isNumberOrNone) && isMembers(purposes) && Object.values(purposes).every(isRule);
}

function isRule(value: unknown): value is Rule {
  if (!isMembers(value)) return false;
  const { approvals, longestMinutes, windowHours, extendMinutes, objects } = value;
  const isList = objects === undefined || Array.isArray(objects);
  return isList && [approvals, longestMinutes, windowHours, extendMinutes].every(isNumberOrNone);
}

function isMembers(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumberOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'number';
}

function isRecent(version: Version | null, now: number): boolean {
  return version !== null && now <= version.until + GRACE_MS;
}

function ruleOf({ purposes }: Policy, purpose: unknown): Rule | undefined {
  return purposes !== undefined && Object.hasOwn(purposes, String(purpose)) ? purposes[String(purpose)] : undefined;
}

/** Written so that a number that is none is beyond the rule, here and below. */
function isWithinScope({ objects, longestMinutes }: Rule, { leaf: { object } }: At): boolean {
  const isShort = longestMinutes === undefined || Number(object['minutes']) <= longestMinutes;
  return isShort && listed(object['objects']).every((name) => objects?.includes(name) !== false);
}

function isWithinGrant(policy: Policy, rule: Rule, { leaf: { object } }: At): boolean {
  const { uses, extend_minutes: extension } = object;
  const isFew = uses === undefined || policy.uses === undefined || Number(uses) <= policy.uses;
  return isFew && (extension === undefined || Number(extension) <= (rule.extendMinutes ?? 0));
}

function isInWindow({ windowHours }: Rule, { leaf: { object }, now }: At): boolean {
  const until = object['opens_until'];
  if (until === undefined) return true;
  return windowHours !== undefined && Date.parse(String(until)) <= now + windowHours * HOUR_MS + GRACE_MS;
}
