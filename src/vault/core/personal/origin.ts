// The address that a request comes from, as the sealed detail of its event; it is personal.

import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { NewEvent } from '../../../model/audit-event.ts';
import { DEPLOYMENT, withDetail } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import { metadataKeyIfAvailable } from '../tenants/metadata-key-if-available.ts';
import type { Vault } from '../vault.ts';

/**
 * Seals what is said beside an event, and where its request comes from; without either it leaves the event as it is. A null
 * key is the deployment's, which has none: nothing personal is written to its log.
 */
export function withOrigin(
  made: NewEvent,
  key: SecretKey | null,
  { origin }: RequestContext,
  detail: object = {},
): NewEvent {
  const all = origin === undefined ? detail : { ...detail, origin };
  return key === null || Object.keys(all).length === 0 ? made : withDetail(made, key, all);
}

/** How long the count of a refusal waits for the key that the address is sealed under. */
const KEY_MS = 2_000;

/**
 * What adds the origin to an event about a refusal, which is counted whether or not the tenant's key can be had: where it
 * cannot be had soon, the event goes without.
 */
export async function originSealer(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  tenant: string,
  request: RequestContext,
): Promise<(made: NewEvent) => NewEvent> {
  const bare = (made: NewEvent): NewEvent => made;
  if (request.origin === undefined || tenant === DEPLOYMENT) return bare;
  const soon = vault.clock.deadline(KEY_MS);
  const signal = AbortSignal.any([request.signal, soon]);
  const key = await metadataKeyIfAvailable(vault, tenant, { ...request, signal }).catch((error: unknown) => {
    if (soon.aborted && !request.signal.aborted) return null;
    throw error;
  });
  return key === null ? bare : (made) => withOrigin(made, key, request);
}
