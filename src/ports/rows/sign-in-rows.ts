// Rows of sign-in sessions, one-time links, passkeys and answered challenges.
import type { Passkey, SignIn, SignInLink } from '../../model/sign-in.ts';
import type { ChangeableAuthorityRows } from './versioned.ts';

export type SignInRows = {
  /** By its id alone: no tenant is known of a cookie or a link yet. */
  readonly signIn: (id: string) => Promise<SignIn | null>;
  readonly link: (id: string) => Promise<SignInLink | null>;
  /** The passkey of a credential that is ACTIVE, whoever's it is. */
  readonly byCredential: (credential: string) => Promise<Passkey | null>;
  readonly passkey: (tenant: string, id: string) => Promise<Passkey | null>;
  /** Sessions of a person that are LIVE, newest first. */
  readonly liveOf: (tenant: string, principal: string) => Promise<SignIn[]>;
  /** All sessions of a tenant that are LIVE. */
  readonly liveIn: (tenant: string) => Promise<SignIn[]>;
  /** When these people were last seen in a sign-in session, live or over; at most some hundreds at a time. */
  readonly lastSeen: (
    tenant: string,
    principals: readonly string[],
  ) => Promise<{ readonly principal: string; readonly seen: string }[]>;
  /** Links of a tenant that are OPEN, newest first: all, or one person's. */
  readonly openLinks: (tenant: string, principal: string | null) => Promise<SignInLink[]>;
  /** Passkeys of a tenant that are ACTIVE, oldest first: all, or one person's. */
  readonly passkeys: (tenant: string, principal: string | null) => Promise<Passkey[]>;
  /** Sessions that are LIVE and whose time is over. */
  readonly overdue: (now: string, limit: number) => Promise<SignIn[]>;
};

export type SignInWrites = SignInRows & {
  readonly insertSignIn: ChangeableAuthorityRows<SignIn>['insert'];
  readonly lockSignIn: ChangeableAuthorityRows<SignIn>['lock'];
  readonly changeSignIn: ChangeableAuthorityRows<SignIn>['change'];
  readonly insertLink: ChangeableAuthorityRows<SignInLink>['insert'];
  readonly changeLink: ChangeableAuthorityRows<SignInLink>['change'];
  readonly insertPasskey: ChangeableAuthorityRows<Passkey>['insert'];
  readonly changePasskey: ChangeableAuthorityRows<Passkey>['change'];
};

export type SignInNotes = {
  /** Remembers that a live session was seen; false where it is over. */
  readonly seen: (tenant: string, id: string, at: string, idleEnds: string) => Promise<boolean>;
  /**
   * Remembers a passkey's use. False where its counter is not above the one that is kept (both zero: an authenticator
   * without counter) or it is no longer ACTIVE: then the answer was a copy's.
   */
  readonly used: (tenant: string, id: string, counter: number, at: string) => Promise<boolean>;
  /** The key that challenges are issued under: `first` where there was none, else the stored one. */
  readonly challengeKey: (first: Uint8Array) => Promise<Uint8Array>;
  /** Remembers that a challenge was answered; false where it was before. */
  readonly answered: (id: string, expires: string) => Promise<boolean>;
  /** Forgets answered challenges that expired by then, and returns how many. */
  readonly forget: (expired: string) => Promise<number>;
};
