// The client address of a request, sealed as a detail of its event: it is personal data.

import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { EventOf } from '../../../model/audit-event.ts';
import type { DetailOf, OriginAction } from '../../../model/log/event-catalogue.ts';
import type { Exactly } from '../../../model/log/event-spec.ts';
import { DEPLOYMENT, withDetail } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import { metadataKeyIfAvailable } from '../tenants/metadata-key-if-available.ts';
import type { Vault } from '../vault.ts';

/** The address as a member of a detail; none where the request has none. */
export function originOf({ origin }: Pick<RequestContext, 'origin'>): { readonly origin?: string } {
  return origin === undefined ? {} : { origin };
}

/**
 * Seals the detail of an event and its request's client address; without either, the event stays unchanged. A null key
 * is the deployment's: no personal data goes into its log.
 */
export function withOrigin<A extends OriginAction>(
  made: EventOf<A>,
  key: SecretKey | null,
  { origin }: RequestContext,
): EventOf<A> {
  if (key === null || origin === undefined) return made;
  return withDetail<A, DetailOf<A>>(made, key, { origin } as DetailOf<A> & Exactly<DetailOf<A>, DetailOf<A>>);
}

/** How long the count of a denied request waits for the key that seals the address. */
const KEY_MS = 2_000;

/**
 * A sealer that adds the client address to an event about a denied request. Where the tenant's key is not available
 * soon, the event is written without the address.
 */
export async function originSealer<A extends OriginAction>(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  tenant: string,
  request: RequestContext,
): Promise<(made: EventOf<A>) => EventOf<A>> {
  const bare = (made: EventOf<A>): EventOf<A> => made;
  if (request.origin === undefined || tenant === DEPLOYMENT) return bare;
  const soon = vault.clock.deadline(KEY_MS);
  const signal = AbortSignal.any([request.signal, soon]);
  const key = await metadataKeyIfAvailable(vault, tenant, { ...request, signal }).catch((error: unknown) => {
    if (soon.aborted && !request.signal.aborted) return null;
    throw error;
  });
  return key === null ? bare : (made) => withOrigin(made, key, request);
}
