// Rows of tenants, principals and API keys.
import type { PolicyRow } from '../../model/policy.ts';
import type { ApiKey, Principal } from '../../model/principal.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { AuthorityChange, ChangeableAuthorityRows, FindableRows } from './versioned.ts';

export type TenantRows = {
  readonly find: (tenant: string) => Promise<Tenant | null>;
  /** All tenants, oldest first. */
  readonly all: () => Promise<Tenant[]>;
  /** The policy in force: the newest one. */
  readonly policy: (tenant: string) => Promise<PolicyRow | null>;
};

export type TenantWrites = TenantRows & {
  /** The row, held so that key, generation and state stay as they are until the transaction ends. */
  readonly share: (tenant: string) => Promise<Tenant | null>;
  /** The row, held so that nobody else changes it, or holds it, until the transaction ends. */
  readonly lock: (tenant: string) => Promise<Tenant | null>;
  readonly insert: (row: Tenant) => Promise<void>;
  readonly change: (from: Tenant, to: Partial<Omit<Tenant, 'tenant' | 'version'>>) => Promise<boolean>;
  readonly insertPolicy: (row: PolicyRow) => Promise<void>;
};

export type TenantNotes = {
  /** Remembers that tenant.json carries this generation now, where the metadata key is still of it. */
  readonly blobWritten: (tenant: string, wrap: number) => Promise<void>;
};

export type PrincipalRows = FindableRows<Principal> & {
  /** All principals of the tenant, oldest first. */
  readonly all: (tenant: string) => Promise<Principal[]>;
  /** Principals of the tenant, oldest first, after the one with id `after`, at most `limit`. */
  readonly page: (tenant: string, after: string, limit: number) => Promise<Principal[]>;
  /** Those of these principals that there are, in order of their ids; at most some hundreds at a time. */
  readonly findMany: (tenant: string, ids: readonly string[]) => Promise<Principal[]>;
  /** An API key by its id alone: the one look-up that no tenant is known for yet. */
  readonly apiKey: (id: string) => Promise<ApiKey | null>;
  /** API keys of the tenant, oldest first: all, or one principal's. */
  readonly apiKeys: (tenant: string, principal: string | null) => Promise<ApiKey[]>;
  /** The same of all, newest first, before the one with id `before`, at most `limit`. */
  readonly apiKeyPage: (tenant: string, before: string | null, limit: number) => Promise<ApiKey[]>;
};

export type PrincipalWrites = PrincipalRows &
  ChangeableAuthorityRows<Principal> & {
    readonly insertApiKey: (row: ApiKey) => Promise<void>;
    readonly changeApiKey: (from: ApiKey, to: Pick<AuthorityChange<ApiKey>, 'state' | 'mac'>) => Promise<boolean>;
  };
