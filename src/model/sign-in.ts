// Signing in: sessions of browsers, one-time links, passkeys and challenges, and how long each of them counts.

export type SignInMethod = 'link' | 'passkey';
export type SignInEndReason = 'signed-out' | 'idle' | 'expired' | 'replaced' | 'person-off';

/** A sign-in session's row: a person's browser. Its secret is in the browser's cookie and kept here as SHA-256. */
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
  /** When and how the person last showed that it is them. */
  readonly authTime: string;
  readonly authMethod: SignInMethod;
  readonly ended: string | null;
  readonly reason: SignInEndReason | null;
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
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** A passkey's row (WebAuthn credential). `label` is sealed; an operator's stands in clear. */
export type Passkey = {
  readonly tenant: string;
  readonly id: string;
  readonly principal: string;
  /** The credential's id, base64url. */
  readonly credential: string;
  /** COSE public key. */
  readonly publicKey: Uint8Array;
  /** The authenticator's signature counter, as it last said. */
  readonly counter: number;
  /** How the authenticator can be reached (WebAuthn AuthenticatorTransport). */
  readonly transports: readonly string[];
  readonly label: Uint8Array;
  readonly state: 'ACTIVE' | 'REMOVED';
  readonly version: number;
  readonly created: string;
  readonly lastUsed: string | null;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** What a challenge was issued for: nobody known yet, or one sign-in session. */
export type ChallengeUse = 'sign-in' | 'add' | 'step-up';

/** The row of a challenge that was answered: it is taken once. */
export type AnsweredChallenge = { readonly id: string; readonly expires: string };

/** A sign-in session that nothing is heard of for so long is over. */
export const SIGN_IN_IDLE_MS = 30 * 60_000;
/** A sign-in session is over after this, whatever is heard of it. */
export const MAX_SIGN_IN_MS = 12 * 3_600_000;
/** How long a person has shown that it is them: enough to approve. */
export const STEP_UP_MS = 5 * 60_000;
/** How long somebody without a passkey may add the first, after the link: there is nothing else to show yet. */
export const FIRST_PASSKEY_MS = 30 * 60_000;
/** How long a challenge waits for its answer. */
export const CHALLENGE_MS = 5 * 60_000;
/** How long after its end an answered challenge is remembered: clocks of two processes differ by less. */
export const CHALLENGE_KEPT_MS = 60 * 60_000;
/** A live session's row is written at most this often for being seen. */
export const SEEN_MS = 60_000;

/** Whether a sign-in session is live at a time. */
export function isSignInLive(signIn: Pick<SignIn, 'state' | 'idleEnds' | 'ends'>, now: string): boolean {
  return signIn.state === 'LIVE' && now < signIn.idleEnds && now < signIn.ends;
}

/** Until when a step-up at this time counts. */
export function stepUpUntil(authTime: string): string {
  return addMilliseconds(authTime, STEP_UP_MS);
}

/** A time this many milliseconds after another. */
export function addMilliseconds(time: string, milliseconds: number): string {
  return new Date(Date.parse(time) + milliseconds).toISOString();
}
