// The context of a request, and the settings of the process that serves it.

import type { ProcessRole } from '../../model/duties.ts';
import type { IdempotencyClaim } from '../../model/idempotency.ts';
import type { StoreLocation, Tenant } from '../../model/tenant.ts';

export type Settings = {
  /** The deployment's name, in every leaf. */
  readonly origin: string;
  /** The address of the service for browsers: scheme, host and port; null where browsers do not reach it. */
  readonly url: string | null;
  /** This node's name. */
  readonly node: string;
  readonly role: ProcessRole;
  /** This process, unique among all that ever ran: the owner of its leases. */
  readonly instance: string;
  readonly leaseSeconds: number;
  /** How often each log that has grown is sealed. */
  readonly sealSeconds: number;
  /** How many recordings a process erases a minute because they expired. */
  readonly erasePerMinute: number;
  /** How many days backups are kept; null where the deployment does not say. */
  readonly backupDays: number | null;
  /** The maximum size of one object, in plaintext bytes. */
  readonly maxBytes: number;
  /** The location of a new tenant's objects, unless the tenant gets another one. */
  readonly location: StoreLocation;
};

/**
 * The request id that events carry, the client address (personal: sealed where it is stored), the claim that the change
 * stores its reply on, and the signal that ends the work.
 */
export type RequestContext = {
  readonly req?: string;
  readonly origin?: string;
  readonly claim?: IdempotencyClaim;
  /**
   * The row of the caller's tenant as the credential check read it; null once that is no longer a moment ago. For looks
   * before a change, which locks the tenant, and for reads.
   */
  readonly callerTenant?: () => Tenant | null;
  readonly signal: AbortSignal;
  /** The tenant that the work is for: its log says what time it is. Without one, that of the deployment. */
  readonly tenant?: string;
};

/** The same context for work of this tenant: its log says what time it is. */
export function forTenant(request: RequestContext, tenant: string): RequestContext {
  return { ...request, tenant };
}
