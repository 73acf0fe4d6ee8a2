// Rows of several tables that one decision needs, read in one query. Each also reads the time of its transaction.
import type { Grant, Session } from '../../model/access.ts';
import type { PolicyRow } from '../../model/policy.ts';
import type { ApiKey, Caller, Principal } from '../../model/principal.ts';
import type { Deposit, ObjectRow, Recording, WrappedKeyRow } from '../../model/recording.ts';
import type { SignIn } from '../../model/sign-in.ts';
import type { Tenant } from '../../model/tenant.ts';

/** A caller as the rows of their credential name them. */
export type CallerRef = Pick<Caller, 'tenant' | 'principal' | 'apiKey' | 'signIn'>;

/** The rows of a caller's credential: of the two, the presented one. */
export type PresentedRows = { readonly apiKey: ApiKey | null; readonly signIn: SignIn | null };

/** A tenant, its policy, one of its recordings and the person who would listen. Null where there is no such row. */
export type AccessRows = {
  readonly tenant: Tenant;
  readonly policy: PolicyRow | null;
  readonly recording: Recording | null;
  readonly person: Principal | null;
};

/** A session and the rows it depends on: its grant and recording, the caller as the person, and the credential. */
export type SessionLook = AccessRows &
  PresentedRows & { readonly session: Session | null; readonly grant: Grant | null };

/** An AVAILABLE deposit, one object of it, and its wrapped key. */
export type StoredObjectRows = {
  readonly deposit: Deposit;
  readonly object: ObjectRow | null;
  readonly key: WrappedKeyRow | null;
};

export type LookRows = {
  /** A session and what it depends on; null where the caller's tenant does not exist. */
  readonly session: (by: CallerRef, session: string) => Promise<SessionLook | null>;
  /** Of a session's recording, the AVAILABLE deposit of `deposit` with its object `name`; null where there is none. */
  readonly sessionObject: (
    tenant: string,
    session: string,
    what: { readonly deposit: string; readonly name: string },
  ) => Promise<StoredObjectRows | null>;
};
