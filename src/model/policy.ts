// A tenant's policy: its purposes, and the rule of each. Data, versioned by id.
import { BASIS_KINDS, type BasisKind } from './basis.ts';
import type { Role } from './principal.ts';

export const PURPOSES = ['quality', 'complaint', 'training', 'dispute', 'legal', 'subject-request'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Objects that a person can request: the audio to listen to, or a transcript to read. */
export const REQUESTABLE_OBJECTS = ['audio', 'transcript'] as const;
export type RequestableObject = (typeof REQUESTABLE_OBJECTS)[number];

/** The rule of one purpose. */
export type PurposeRule = {
  /** Kinds of legal basis that suffice. */
  readonly bases: readonly BasisKind[];
  /** How many other people must approve. */
  readonly approvals: number;
  readonly roles: readonly Role[];
  readonly objects: readonly RequestableObject[];
  readonly longestMinutes: number;
};

/** The content of a policy. Times are in the units that the names say. */
export type Policy = {
  readonly v: 1;
  readonly purposes: { readonly [purpose in Purpose]?: PurposeRule };
  /** Minimum age of an approver's account. */
  readonly approverAgeHours: number;
  /** An undecided request expires after this. */
  readonly requestHours: number;
  /** Maximum number of listening sessions per grant. */
  readonly uses: number;
  /**
   * Whether an API key with scope `decide` counts as a step-up. Absent in policies of 0.1.0, which means no: the column
   * that held it then is not authenticated.
   */
  readonly apiKeyDecisions?: boolean;
};

/** A policy's row. */
export type PolicyRow = {
  readonly tenant: string;
  readonly id: string;
  readonly created: string;
  /** The policy as canonical JSON: the very text that the MAC covers, parsed once that is checked. */
  readonly body: string;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

const BASED = BASIS_KINDS.filter((kind) => kind !== 'none');
const STAFF: readonly Role[] = ['reviewer', 'supervisor'];

function rule(bases: readonly BasisKind[], roles: readonly Role[], longestMinutes: number): PurposeRule {
  return { bases, approvals: 1, roles, objects: REQUESTABLE_OBJECTS, longestMinutes };
}

/** The policy of a new tenant: one other approver for everything, an hour at most. */
export function defaultPolicy(approverAgeHours: number, apiKeyDecisions = false): Policy {
  return {
    v: 1,
    purposes: {
      quality: rule(['consent', 'contract', 'legitimate-interest'], STAFF, 60),
      training: rule(['consent'], STAFF, 60),
      complaint: rule(BASED, [...STAFF, 'privacy'], 60),
      dispute: rule(BASED, [...STAFF, 'privacy'], 60),
      legal: rule(BASIS_KINDS, ['supervisor', 'privacy'], 60),
      'subject-request': rule(BASIS_KINDS, ['privacy'], 60),
    },
    approverAgeHours,
    requestHours: 72,
    uses: 3,
    apiKeyDecisions,
  };
}

/** The purposes of a policy with their rules, in display order. */
export function rulesOf({ purposes }: Pick<Policy, 'purposes'>): (readonly [Purpose, PurposeRule])[] {
  return PURPOSES.flatMap((purpose) => {
    const rule = purposes[purpose];
    return rule === undefined ? [] : [[purpose, rule] as const];
  });
}

/** Whether a text can name a purpose. */
export function isPurpose(text: string): text is Purpose {
  return (PURPOSES as readonly string[]).includes(text);
}
