// The difference of two policies, line by line: what each line was, what it becomes, and whether that is stricter.
import type { Json } from '../../bytes/canonical-json.ts';
import { CONSENT_RULES } from '../basis.ts';
import { coversHours } from '../listening-hours.ts';
import { type Policy, PURPOSES, type Purpose, type PurposeRule, USUAL_PACE } from '../policy.ts';

/** Whether a line protects callers more or less than before; null where neither, or where the two do not compare. */
export type Effect = 'stricter' | 'looser' | null;

/** One line: a member of a purpose's rule or, where `purpose` is null, of the policy. */
export type PolicyLine = {
  readonly purpose: Purpose | null;
  /** `purpose`: the purpose itself is added or removed, with all of its rule. */
  readonly name: RuleMember | PolicyMember | 'purpose';
  readonly from: Json;
  readonly to: Json;
  readonly effect: Effect;
};

type RuleMember = keyof PurposeRule;
type PolicyMember = Exclude<keyof Policy, 'v' | 'purposes'>;

/** Compares two values that differ. */
type Comparison<Value> = (from: Value, to: Value) => Effect;
type Comparisons<Of, Name extends keyof Of> = { readonly [Member in Name]-?: Comparison<Of[Member]> };

const more: Comparison<number> = (from, to) => (to > from ? 'stricter' : 'looser');
const less: Comparison<number> = (from, to) => (to < from ? 'stricter' : 'looser');
const on: Comparison<boolean> = (_, to) => (to ? 'stricter' : 'looser');
const off: Comparison<boolean> = (_, to) => (to ? 'looser' : 'stricter');
const neither: Comparison<unknown> = () => null;

/** A limit: none is the least strict. */
const limit: Comparison<number | undefined> = (from, to) =>
  less(from ?? Number.POSITIVE_INFINITY, to ?? Number.POSITIVE_INFINITY);

/** What is allowed: fewer is stricter, some instead of others is neither. */
const allowed: Comparison<readonly string[]> = (from, to) => {
  const [gone, come] = [from.some((one) => !to.includes(one)), to.some((one) => !from.includes(one))];
  return gone === come ? null : gone ? 'stricter' : 'looser';
};

/** Hours within others are stricter. */
const hours: Comparison<Policy['hours']> = (from, to) => {
  if (from === undefined || to === undefined) return to === undefined ? 'looser' : 'stricter';
  const [within, around] = [coversHours(from, to), coversHours(to, from)];
  return within === around ? null : within ? 'stricter' : 'looser';
};

/** Stricter or looser where every part that differs is. */
const perDay: Comparison<Policy['perDay']> = (from, to) => {
  const parts = (['sessions', 'minutes'] as const).flatMap((name) => {
    const [was, is] = [from?.[name], to?.[name]];
    return was === is ? [] : [limit(was, is)];
  });
  return parts.every((one) => one === parts[0]) ? (parts[0] ?? null) : null;
};

/** In the order in which people read them. */
const OF_RULE: Comparisons<PurposeRule, RuleMember> = {
  bases: allowed,
  consent: (from = 'any', to = 'any') =>
    from === to ? null : less(CONSENT_RULES.indexOf(from), CONSENT_RULES.indexOf(to)),
  approvals: more,
  otherTeam: on,
  roles: allowed,
  objects: allowed,
  classes: allowed,
  longestMinutes: less,
  // A grant that waits is neither longer nor shorter than one that does not.
  windowHours: (from, to) => (from === undefined || to === undefined ? null : less(from, to)),
  extendMinutes: less,
  assignable: off,
  training: (_, to) => (to === true ? 'stricter' : 'looser'),
  tellAgent: neither,
};

const OF_POLICY: Comparisons<Policy, PolicyMember> = {
  scope: (_, to) => (to === 'team' ? 'stricter' : 'looser'),
  approverAgeHours: more,
  requestHours: less,
  // Until then fewer people decide.
  escalateHours: (from, to) => more(from ?? 0, to ?? 0),
  uses: less,
  hours,
  perDay,
  atOnce: limit,
  // Every recording has a pace: none means the usual one.
  pace: (from = USUAL_PACE, to = USUAL_PACE) => (from === to ? null : less(from, to)),
  openRequests: limit,
  bulk: less,
  apiKeyDecisions: off,
  agentsSee: neither,
  alerts: neither,
};

/** The difference that makes one policy another, purposes first. Empty where they mean the same. */
export function diffPolicies(from: Policy, to: Policy): PolicyLine[] {
  const ofPurposes = PURPOSES.flatMap((purpose): PolicyLine[] => {
    const [was, is] = [from.purposes[purpose], to.purposes[purpose]];
    if (was !== undefined && is !== undefined)
      return linesOf(OF_RULE, was, is).map((line) => ({ purpose, ...line }) as PolicyLine);
    if (was === is) return [];
    const effect = is === undefined ? 'stricter' : 'looser';
    return [
      {
        purpose,
        name: 'purpose',
        from: (was as Json | undefined) ?? null,
        to: (is as Json | undefined) ?? null,
        effect,
      },
    ];
  });
  return [...ofPurposes, ...linesOf(OF_POLICY, from, to).map((line) => ({ purpose: null, ...line }) as PolicyLine)];
}

function linesOf<Of, Name extends keyof Of & string>(comparisons: Comparisons<Of, Name>, from: Of, to: Of) {
  return (Object.keys(comparisons) as Name[]).flatMap((name) => {
    if (isSame(from[name], to[name])) return [];
    return [{ name, from: from[name] ?? null, to: to[name] ?? null, effect: comparisons[name](from[name], to[name]) }];
  });
}

/** The order in a list means nothing. */
function isSame(one: unknown, other: unknown): boolean {
  const text = (value: unknown): string => JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
  return text(one) === text(other);
}
