// Changes: proposals that a second person applies. Kinds, states, and what a row holds.
import type { Role } from '../principal.ts';

/** Kinds that the command which proposed them carries out itself, once they are approved. */
export const COMMAND_KINDS = [
  ...(['link', 'api_key', 'service', 'erase', 'key'] as const),
  // Of the deployment, as links of its people are.
  ...(['operator', 'restore', 'rebuild', 'clock'] as const),
] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

export const CHANGE_KINDS = [
  'settings',
  'people',
  'team',
  'release',
  'policy',
  'retention',
  'resume',
  'lift',
  'answer',
  ...COMMAND_KINDS,
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Whether a command carries out a change of this kind. */
export function isCommandKind(kind: ChangeKind): kind is CommandKind {
  return (COMMAND_KINDS as readonly string[]).includes(kind);
}

export const CHANGE_STATES = [
  ...(['PREVIEWING', 'OPEN', 'APPROVED', 'APPLIED'] as const),
  ...(['REFUSED', 'WITHDRAWN', 'EXPIRED'] as const),
] as const;
export type ChangeState = (typeof CHANGE_STATES)[number];

/**
 * The states that each state can become. A change that is applied in batches is APPROVED until all are done, and one that
 * a command carries out until that has done so.
 */
const NEXT: Readonly<Record<ChangeState, readonly ChangeState[]>> = {
  PREVIEWING: ['OPEN', 'EXPIRED'],
  OPEN: ['APPROVED', 'REFUSED', 'WITHDRAWN', 'EXPIRED'],
  APPROVED: ['APPLIED', 'EXPIRED'],
  APPLIED: [],
  REFUSED: [],
  WITHDRAWN: [],
  EXPIRED: [],
};

/** A change's row. */
export type Change = {
  readonly tenant: string;
  readonly id: string;
  readonly kind: ChangeKind;
  readonly state: ChangeState;
  readonly version: number;
  /** SHA-256 in hex of the versions that the change builds on (`changeBase`). */
  readonly base: string;
  /** What to do, as canonical JSON, sealed. */
  readonly body: Uint8Array;
  /** What it would affect when it was proposed, as canonical JSON, sealed; null where there is nothing to count. */
  readonly preview: Uint8Array | null;
  /** SHA-256 in hex of the events that applying it writes (`changeEffects`). */
  readonly effects: string;
  /** The proposer's reason, sealed. */
  readonly note: Uint8Array;
  /** The person's id; an operator's staff code where a command proposed it. */
  readonly proposer: string;
  readonly byCommand: boolean;
  readonly opened: string;
  readonly expires: string;
  /** The person who approved, rejected or withdrew it, and when; an operator's staff code where a command withdrew it. */
  readonly decider: string | null;
  readonly decided: string | null;
  /** The reason of a rejection, sealed. */
  readonly reason: Uint8Array | null;
  /** Index and hash of the leaf of its `change.proposed`, which is what people sign; null in older rows. */
  readonly leafIndex: number | null;
  readonly leafHash: Uint8Array | null;
  /** When the proposer signed it; null where not yet, and for a command's. */
  readonly signed: string | null;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** How long a change waits for the second person. */
export const OPEN_MS = 7 * 86_400_000;
/** How long after its approval a change is applied in batches, or a command may carry it out. */
export const ACT_MS = 86_400_000;
/** How long a preview counts. */
export const PREVIEW_MS = 86_400_000;
/** Maximum number of changes of a tenant that wait for a decision. */
export const MAX_OPEN_CHANGES = 100;

/** Whether a change in one state can become another. */
export function canBecome(from: ChangeState, to: ChangeState): boolean {
  return NEXT[from].includes(to);
}

/** The roles of a tenant's people who propose a change of a kind. */
export const PROPOSERS: Readonly<Record<ChangeKind, readonly Role[]>> = {
  settings: ['privacy'],
  people: ['admin'],
  team: ['admin'],
  release: ['privacy'],
  policy: ['privacy'],
  retention: ['privacy'],
  resume: ['privacy'],
  lift: ['privacy'],
  answer: ['privacy'],
  // Only commands propose these.
  link: [],
  api_key: [],
  service: [],
  erase: [],
  key: [],
  operator: [],
  restore: [],
  rebuild: [],
  clock: [],
};

/** The roles of a tenant's people who approve a change of a kind that a person proposed. */
export const APPROVERS: Readonly<Record<ChangeKind, readonly Role[]>> = {
  settings: ['privacy', 'admin'],
  people: ['admin', 'privacy'],
  team: ['admin', 'privacy'],
  release: ['privacy', 'admin'],
  policy: ['privacy', 'admin'],
  retention: ['privacy', 'admin'],
  resume: ['privacy', 'admin'],
  lift: ['privacy', 'admin'],
  answer: ['privacy', 'admin'],
  link: [],
  api_key: [],
  service: [],
  erase: [],
  key: [],
  operator: [],
  restore: [],
  rebuild: [],
  clock: [],
};
