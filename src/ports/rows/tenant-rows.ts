// Rows of tenants, principals and API keys.
import type { PolicyRow } from '../../model/policy.ts';
import type { ApiKey, Principal } from '../../model/principal.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { AuthorityChange, ChangeableAuthorityRows, FindableRows } from './versioned.ts';

export type TenantRows = {
  readonly find: (tenant: string) => Promise<Tenant | null>;
  /** All tenants, oldest first. */
  readonly all: () => Promise<Tenant[]>;
  /** The current policy. */
  readonly policy: (tenant: string) => Promise<PolicyRow | null>;
  /** A version of the policy by its id. */
  readonly policyOf: (tenant: string, id: string) => Promise<PolicyRow | null>;
  /** Versions of the policy, newest first, before the one with id `before`, at most `limit`. */
  readonly policies: (tenant: string, before: string | null, limit: number) => Promise<PolicyRow[]>;
  /** How many versions the tenant has up to the one with this id. */
  readonly countPolicies: (tenant: string, id: string) => Promise<number>;
};

export type TenantWrites = TenantRows & {
  /** The row under a shared lock: key, generation and state cannot change until the transaction ends. */
  readonly share: (tenant: string) => Promise<Tenant | null>;
  /** The row under an exclusive lock until the transaction ends. */
  readonly lock: (tenant: string) => Promise<Tenant | null>;
  readonly insert: (row: Tenant) => Promise<void>;
  readonly change: (from: Tenant, to: Partial<Omit<Tenant, 'tenant' | 'version'>>) => Promise<boolean>;
  readonly insertPolicy: (row: PolicyRow) => Promise<void>;
};

export type TenantNotes = {
  /** Records the generation in tenant.json, if the metadata key still has it. */
  readonly blobWritten: (tenant: string, wrap: number) => Promise<void>;
};

export type PrincipalRows = FindableRows<Principal> & {
  /** All principals of the tenant, oldest first. */
  readonly all: (tenant: string) => Promise<Principal[]>;
  /** Principals of the tenant, oldest first, after the one with id `after`, at most `limit`. */
  readonly page: (tenant: string, after: string, limit: number) => Promise<Principal[]>;
  /** Those of these principals that exist, ordered by id; at most some hundreds at a time. */
  readonly findMany: (tenant: string, ids: readonly string[]) => Promise<Principal[]>;
  /** An API key by id alone: the only look-up before the tenant is known. */
  readonly apiKey: (id: string) => Promise<ApiKey | null>;
  /** API keys of the tenant, oldest first: all, or one principal's. */
  readonly apiKeys: (tenant: string, principal: string | null) => Promise<ApiKey[]>;
  /** API keys of the tenant, newest first, before the one with id `before`, at most `limit`. */
  readonly apiKeyPage: (tenant: string, before: string | null, limit: number) => Promise<ApiKey[]>;
};

export type PrincipalWrites = PrincipalRows &
  ChangeableAuthorityRows<Principal> & {
    /** Those of these principals that exist, locked in order of their ids. */
    readonly lockMany: (tenant: string, ids: readonly string[]) => Promise<Principal[]>;
    readonly insertApiKey: (row: ApiKey) => Promise<void>;
    readonly changeApiKey: (from: ApiKey, to: Pick<AuthorityChange<ApiKey>, 'state' | 'mac'>) => Promise<boolean>;
  };
