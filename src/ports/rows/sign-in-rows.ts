// Rows of sign-in sessions, one-time links, passkeys and answered challenges.
import type { Passkey, SignIn, SignInLink } from '../../model/sign-in.ts';
import type { ChangeableAuthorityRows } from './versioned.ts';

export type SignInRows = {
  /** By id alone: a cookie or a link does not name a tenant. */
  readonly signIn: (id: string) => Promise<SignIn | null>;
  readonly link: (id: string) => Promise<SignInLink | null>;
  /** The ACTIVE passkey with a credential id, of any person. */
  readonly byCredential: (credential: string) => Promise<Passkey | null>;
  readonly passkey: (tenant: string, id: string) => Promise<Passkey | null>;
  /** LIVE sessions of a person, newest first. */
  readonly liveOf: (tenant: string, principal: string) => Promise<SignIn[]>;
  /** All LIVE sessions of a tenant. */
  readonly liveIn: (tenant: string) => Promise<SignIn[]>;
  /** When these people were last seen in a sign-in session, live or ended; at most some hundreds at a time. */
  readonly lastSeen: (
    tenant: string,
    principals: readonly string[],
  ) => Promise<{ readonly principal: string; readonly seen: string }[]>;
  /** OPEN links of a tenant, newest first: all, or one person's. */
  readonly openLinks: (tenant: string, principal: string | null) => Promise<SignInLink[]>;
  /** ACTIVE passkeys of a tenant, oldest first: all, or one person's. */
  readonly passkeys: (tenant: string, principal: string | null) => Promise<Passkey[]>;
  /** People of a tenant who have, or ever had, a passkey. */
  readonly passkeyHolders: (tenant: string) => Promise<string[]>;
  /** LIVE sessions that have expired. */
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
} & Pick<SignInNotes, 'used' | 'answered'>;

export type SignInNotes = {
  /** Records that a live session was seen; false where it has ended. */
  readonly seen: (tenant: string, id: string, at: string, idleEnds: string) => Promise<boolean>;
  /**
   * Records a passkey's use. False where the passkey is not ACTIVE, or its counter is not above the stored one (unless both
   * are zero: an authenticator without counter), which means that the answer came from a copy.
   */
  readonly used: (tenant: string, id: string, counter: number, at: string) => Promise<boolean>;
  /** The key that challenges are issued under: the stored one, or `first`, which it then stores. */
  readonly challengeKey: (first: Uint8Array) => Promise<Uint8Array>;
  /** Records an answered challenge; false where it was answered before. */
  readonly answered: (id: string, expires: string) => Promise<boolean>;
  /**
   * Deletes the oldest `limit` answered challenges that had expired by then, and those that expired with the last of them.
   * Returns how many.
   */
  readonly forget: (expired: string, limit: number) => Promise<number>;
};
