// Sign-in: browser sessions, one-time links, passkeys and challenges, and their lifetimes.

export type SignInMethod = 'link' | 'passkey';
export type SignInEndReason = 'signed-out' | 'idle' | 'expired' | 'replaced' | 'person-off';

/** A sign-in session's row: one browser of a person. The secret is in its cookie; the row has the SHA-256. */
export type SignIn = {
  readonly tenant: string;
  readonly id: string;
  readonly principal: string;
  readonly hash: Uint8Array;
  readonly method: SignInMethod;
  readonly state: 'LIVE' | 'ENDED';
  readonly version: number;
  readonly created: string;
  readonly seen: string;
  readonly idleEnds: string;
  readonly ends: string;
  /** When and how the person last proved their identity. */
  readonly authTime: string;
  readonly authMethod: SignInMethod;
  readonly ended: string | null;
  readonly reason: SignInEndReason | null;
  /** Index of the event of the deployment's log that created the row, without which it gives nothing; null for a tenant's. */
  readonly leafIndex: number | null;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** A one-time link's row. */
export type SignInLink = {
  readonly tenant: string;
  readonly id: string;
  readonly principal: string;
  readonly hash: Uint8Array;
  readonly state: 'OPEN' | 'USED' | 'WITHDRAWN';
  readonly version: number;
  readonly created: string;
  readonly expires: string;
  /** Index of the event of the deployment's log that created the row, without which it gives nothing; null for a tenant's. */
  readonly leafIndex: number | null;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** A passkey's row (WebAuthn credential). `label` is sealed; an operator's is in clear. */
export type Passkey = {
  readonly tenant: string;
  readonly id: string;
  readonly principal: string;
  /** The credential's id, base64url. */
  readonly credential: string;
  /** COSE public key. */
  readonly publicKey: Uint8Array;
  /** The authenticator's signature counter, as last reported. */
  readonly counter: number;
  /** How the authenticator can be reached (WebAuthn AuthenticatorTransport). */
  readonly transports: readonly string[];
  readonly label: Uint8Array;
  readonly state: 'ACTIVE' | 'REMOVED';
  readonly version: number;
  readonly created: string;
  readonly lastUsed: string | null;
  /** Index of the event of the deployment's log that created the row, without which it gives nothing; null for a tenant's. */
  readonly leafIndex: number | null;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** The subject of a challenge: an unknown person who signs in, or one sign-in session. */
export type ChallengeUse = 'sign-in' | 'add' | 'step-up';

/** The row of an answered challenge: each can be used once. */
export type AnsweredChallenge = { readonly id: string; readonly expires: string };

/** Idle timeout of a sign-in session. */
export const SIGN_IN_IDLE_MS = 30 * 60_000;
/** Maximum lifetime of a sign-in session. */
export const MAX_SIGN_IN_MS = 12 * 3_600_000;
/** How long a step-up counts for approvals. */
export const STEP_UP_MS = 5 * 60_000;
/** How long after signing in by link a person without a passkey may add the first; they have no other proof yet. */
export const FIRST_PASSKEY_MS = 30 * 60_000;
/** Lifetime of a challenge. */
export const CHALLENGE_MS = 5 * 60_000;
/** How long to remember an answered challenge after it expired: clocks of two processes differ by less. */
export const CHALLENGE_KEPT_MS = 60 * 60_000;
/** Minimum interval between updates of a session's last-seen time. */
export const SEEN_MS = 60_000;

/** Whether a sign-in session is live at a time. */
export function isSignInLive(signIn: Pick<SignIn, 'state' | 'idleEnds' | 'ends'>, now: string): boolean {
  return signIn.state === 'LIVE' && now < signIn.idleEnds && now < signIn.ends;
}

/** When a step-up made at this time expires. */
export function stepUpUntil(authTime: string): string {
  return addMilliseconds(authTime, STEP_UP_MS);
}

/** A time plus milliseconds. */
export function addMilliseconds(time: string, milliseconds: number): string {
  return new Date(Date.parse(time) + milliseconds).toISOString();
}
