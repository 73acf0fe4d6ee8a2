// Rows of several tables that one decision needs, read in one query. Each also reads the time of its transaction.
import type { AccessRequest, Grant, Session } from '../../model/access.ts';
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

/** The rows that a change of access depends on, besides the caller's principal. */
export type LockedAccess = Omit<AccessRows, 'person' | 'recording'> & PresentedRows & { readonly recording: Recording };

/** A request, its requester as the person, and what else a decision on it depends on. */
export type RowsToDecide = AccessRows & PresentedRows & { readonly request: AccessRequest };

/** The rows behind a presented credential. Null where there is no such row; the deployment has no tenant's row. */
type CredentialLook = { readonly principal: Principal | null; readonly tenant: Tenant | null };

export type LookRows = {
  /** An API key by id alone, with its principal and tenant. */
  readonly apiKey: (id: string) => Promise<(CredentialLook & { readonly apiKey: ApiKey }) | null>;
  /** A sign-in session by id alone, with its principal and tenant. */
  readonly signIn: (id: string) => Promise<(CredentialLook & { readonly signIn: SignIn }) | null>;
  /** A tenant with its policy. */
  readonly policy: (tenant: string) => Promise<Pick<AccessRows, 'tenant' | 'policy'> | null>;
  /** A session and what it depends on; null where the caller's tenant does not exist. */
  readonly session: (by: CallerRef, session: string) => Promise<SessionLook | null>;
  /** Of a session's recording, the AVAILABLE deposit of `deposit` with its object `name`; null where there is none. */
  readonly sessionObject: (
    tenant: string,
    session: string,
    what: { readonly deposit: string; readonly name: string },
  ) => Promise<StoredObjectRows | null>;
  /** Those of these requests that exist, ordered by id; `person` is the requester. */
  readonly toDecide: (by: CallerRef, requests: readonly string[]) => Promise<RowsToDecide[]>;
};

/**
 * Locked rows, with what else a change reads at that moment; null where one of the locked rows does not exist. The caller
 * has locked their principal before: credentials change under that lock only.
 */
export type LookWrites = LookRows & {
  /** Locks the tenant (shared) and a recording. */
  readonly lockToAsk: (by: CallerRef, recording: string) => Promise<LockedAccess | null>;
  /** The same for many: those that exist, locked and returned in order of their ids. */
  readonly lockAllToAsk: (by: CallerRef, recordings: readonly string[]) => Promise<LockedAccess[]>;
  /** Locks the tenant (shared) and a request; `person` is its requester. */
  readonly lockToDecide: (by: CallerRef, request: string) => Promise<RowsToDecide | null>;
  /** The same for many: those that exist, locked and returned in order of their ids. */
  readonly lockAllToDecide: (by: CallerRef, requests: readonly string[]) => Promise<RowsToDecide[]>;
  /** Locks the tenant (shared), a grant's recording and the grant. */
  readonly lockToOpen: (by: CallerRef, grant: string) => Promise<(LockedAccess & { readonly grant: Grant }) | null>;
};
