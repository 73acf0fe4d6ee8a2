// A reader of a tenant's small JSON blobs: a missing or damaged blob is a result, not an error.
import { MAX_ENVELOPE } from '../../../envelope/envelope.ts';
import { hasCode } from '../../../errors.ts';
import type { StoreLocation } from '../../../model/tenant.ts';
import type { TaggedBlob } from '../../../ports/object-store.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** A blob as stored, with its parsed content; nothing of it is verified. */
export type ParsedBlob<T> = TaggedBlob & { readonly content: T };

/** `missing`: no blob has this name. `damaged`: `parse` rejects its bytes. Throws `store_unavailable`. */
export async function readBlob<T>(
  vault: Pick<Vault, 'store'>,
  place: StoreLocation,
  path: string,
  parse: (bytes: Uint8Array) => T,
  request: RequestContext,
): Promise<ParsedBlob<T> | 'missing' | 'damaged'> {
  try {
    const found = await vault.store.get(place, path, MAX_ENVELOPE, request);
    return found === null ? 'missing' : { ...found, content: parse(found.bytes) };
  } catch (error) {
    if (hasCode(error, 'malformed', 'format_unknown')) return 'damaged';
    throw error;
  }
}
