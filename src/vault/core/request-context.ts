// What a verb works for, and what the process it runs in is called.
import type { IdempotencyClaim } from '../../model/idempotency.ts';

import type { StoreLocation } from '../../model/tenant.ts';
import type { ProcessRole } from './process-role.ts';

export type Settings = {
  /** The deployment's name, which every leaf carries. */
  readonly origin: string;
  /** Where browsers find the service: scheme, host and port; null where they do not. */
  readonly url: string | null;
  /** This node's name. */
  readonly node: string;
  readonly role: ProcessRole;
  /** This process, among all that ever ran: owns leases. */
  readonly instance: string;
  readonly leaseSeconds: number;
  /** Plaintext bytes of one object, at most. */
  readonly maxBytes: number;
  /** Where the objects of a new tenant go, unless it has a place of its own. */
  readonly location: StoreLocation;
};

/**
 * The request id that events carry, the address it comes from (personal: sealed where it is stored), the claim that the
 * change's reply is stored on, and the signal that ends the work.
 */
export type RequestContext = {
  readonly req?: string;
  readonly origin?: string;
  readonly claim?: IdempotencyClaim;
  readonly signal: AbortSignal;
};
