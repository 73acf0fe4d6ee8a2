// A tenant's policy: its purposes, and the rule of each. Data, versioned by id.
import { BASIS_KINDS, type BasisKind, type ConsentRule } from './basis.ts';
import type { ListeningHours } from './listening-hours.ts';
import { MOST_DECISIONS } from './log/proof.ts';
import type { Role } from './principal.ts';

export const PURPOSES = ['quality', 'complaint', 'training', 'dispute', 'legal', 'subject-request'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Objects that a person can request: the audio to listen to, or a transcript to read. */
export const REQUESTABLE_OBJECTS = ['audio', 'transcript'] as const;
export type RequestableObject = (typeof REQUESTABLE_OBJECTS)[number];

/** Classes of recordings by sensitivity. */
export const RECORDING_CLASSES = ['normal', 'sensitive'] as const;
export type RecordingClass = (typeof RECORDING_CLASSES)[number];

/** Roles that may listen for a purpose: those that may request access at all. */
export const LISTENER_ROLES = ['reviewer', 'supervisor', 'privacy'] as const satisfies readonly Role[];

/** The rule of one purpose. */
export type PurposeRule = {
  /** Kinds of legal basis that suffice. */
  readonly bases: readonly BasisKind[];
  /** Which consent counts; absent: any, as in policies that were made before there was a choice. */
  readonly consent?: ConsentRule;
  /** How many other people must approve. */
  readonly approvals: number;
  /** Whether an approver must share no team with the requester. */
  readonly otherTeam: boolean;
  readonly roles: readonly (typeof LISTENER_ROLES)[number][];
  readonly objects: readonly RequestableObject[];
  readonly classes: readonly RecordingClass[];
  readonly longestMinutes: number;
  /** Hours after the approval in which the first listen starts the clock; absent: the approval starts it. */
  readonly windowHours?: number;
  /** Minutes of the one extension; 0: none. */
  readonly extendMinutes: number;
  /** Whether recordings can be assigned instead of requested. */
  readonly assignable: boolean;
  /** Whether a listener's training must count; absent: none is required. */
  readonly training?: true;
  /** Whether agents learn of a listen for this purpose. */
  readonly tellAgent: boolean;
};

/** The content of a policy. Times are in the units that the names say. A limit that is absent does not exist. */
export type Policy = {
  readonly v: 2;
  readonly purposes: { readonly [purpose in Purpose]?: PurposeRule };
  /** Whose recordings reviewers and supervisors see: the tenant's, or those of their teams' queues. */
  readonly scope: 'all' | 'team';
  /** Minimum age of an approver's account. */
  readonly approverAgeHours: number;
  /** An undecided request expires after this. */
  readonly requestHours: number;
  /** After how long any supervisor decides on a request, and not only leads of a team with its queue; absent: at once. */
  readonly escalateHours?: number;
  /** Maximum number of listening sessions per grant. */
  readonly uses: number;
  /** When people listen. */
  readonly hours?: ListeningHours;
  /** Sessions that a person opens in a day, and minutes of calls served in them. */
  readonly perDay?: { readonly sessions?: number; readonly minutes?: number };
  /** Live sessions of a person. */
  readonly atOnce?: number;
  /** How many times faster than real time a person reads a recording, after 30 seconds of it; absent: USUAL_PACE. */
  readonly pace?: number;
  /** Undecided requests of a person. */
  readonly openRequests?: number;
  /** Maximum number of requests that one proof decides. */
  readonly bulk: number;
  /** Whether an API key with scope `decide` counts as a step-up. */
  readonly apiKeyDecisions: boolean;
  /** What agents see of who listened to their calls. */
  readonly agentsSee: 'nothing' | 'role' | 'name';
  /** Thresholds of alerts. */
  readonly alerts: Readonly<Record<string, never>>;
};

/** The pace where the policy sets none, and the most that it can set. */
export const USUAL_PACE = 4;

/** A policy's row. */
export type PolicyRow = {
  readonly tenant: string;
  readonly id: string;
  readonly created: string;
  /** The policy as canonical JSON: the very text that the MAC covers, parsed once that is checked. */
  readonly body: string;
  /** The change that brought it; null for the first version, and for what a command did without a second person. */
  readonly change: string | null;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

const BASED = BASIS_KINDS.filter((kind) => kind !== 'none');
const STAFF = ['reviewer', 'supervisor'] as const;

/** The members of a rule that say what callvault does without a feature that it does not have yet. */
export const RULE_WITHOUT = {
  ...({ tellAgent: false } as const),
} as const satisfies Partial<PurposeRule>;

/** The same of a policy. */
export const POLICY_WITHOUT = {
  ...({ agentsSee: 'nothing', alerts: {} } as const),
} as const satisfies Partial<Policy>;

function rule(bases: PurposeRule['bases'], roles: PurposeRule['roles']): PurposeRule {
  const rest = { approvals: 1, otherTeam: false, objects: REQUESTABLE_OBJECTS, classes: RECORDING_CLASSES };
  return { bases, roles, ...rest, longestMinutes: 60, extendMinutes: 0, assignable: false, ...RULE_WITHOUT };
}

/**
 * The policy of every tenant before policies could be changed: one other approver for everything, an hour at most, from
 * the approval on.
 */
export function firstPolicy(approverAgeHours: number, apiKeyDecisions: boolean): Policy {
  return {
    v: 2,
    purposes: {
      quality: rule(['consent', 'contract', 'legitimate-interest'], STAFF),
      training: rule(['consent'], STAFF),
      complaint: rule(BASED, [...STAFF, 'privacy']),
      dispute: rule(BASED, [...STAFF, 'privacy']),
      legal: rule(BASIS_KINDS, ['supervisor', 'privacy']),
      'subject-request': rule(BASIS_KINDS, ['privacy']),
    },
    scope: 'all',
    approverAgeHours,
    requestHours: 72,
    uses: 3,
    // A step-up counted for five minutes then, for any number of decisions.
    bulk: MOST_DECISIONS,
    apiKeyDecisions,
    ...POLICY_WITHOUT,
  };
}

/**
 * The policy of a new tenant: as the first, but the first listen starts the clock, within eight hours, extended once. Quality
 * and training take the consent of `consent`.
 */
export function defaultPolicy(
  approverAgeHours: number,
  apiKeyDecisions = false,
  consent: ConsentRule = 'stated',
): Policy {
  const first = withConsent(firstPolicy(approverAgeHours, apiKeyDecisions), consent);
  const purposes = rulesOf(first).map(([purpose, one]) => [purpose, { ...one, windowHours: 8, extendMinutes: 10 }]);
  return { ...first, purposes: Object.fromEntries(purposes) as Policy['purposes'] };
}

/** Purposes that serve the tenant, and not the caller or the law: consent to them must have been given. */
export const OWN_PURPOSES = ['quality', 'training'] as const satisfies readonly Purpose[];

/** The policy with this rule of consent for quality and training. */
export function withConsent(policy: Policy, consent: ConsentRule): Policy {
  const own = OWN_PURPOSES.flatMap((purpose) => {
    const one = policy.purposes[purpose];
    return one === undefined ? [] : [[purpose, { ...one, consent }]];
  });
  return { ...policy, purposes: { ...policy.purposes, ...Object.fromEntries(own) } };
}

/** The purposes, of quality and training, for which consent counts that no person gave: the tenant's default alone. */
export function weakConsentIn(policy: Pick<Policy, 'purposes'>): readonly Purpose[] {
  return OWN_PURPOSES.filter((purpose) => {
    const one = policy.purposes[purpose];
    return one?.bases.includes('consent') === true && (one.consent ?? 'any') === 'any';
  });
}

/** The purposes of a policy with their rules, in display order. */
export function rulesOf({ purposes }: Pick<Policy, 'purposes'>): (readonly [Purpose, PurposeRule])[] {
  return PURPOSES.flatMap((purpose) => {
    const rule = purposes[purpose];
    return rule === undefined ? [] : [[purpose, rule] as const];
  });
}

/** The rule of a purpose; undefined where the policy does not allow it. */
export function ruleOf({ purposes }: Pick<Policy, 'purposes'>, purpose: string): PurposeRule | undefined {
  return isPurpose(purpose) ? purposes[purpose] : undefined;
}

/** Whether a text can name a purpose. */
export function isPurpose(text: string): text is Purpose {
  return (PURPOSES as readonly string[]).includes(text);
}
