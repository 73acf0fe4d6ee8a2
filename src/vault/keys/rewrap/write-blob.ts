// Writing a key's blob: over the one that was read, or where there was none.
import { newOperationNonce } from '../../../bytes/ids.ts';
import { hasCode } from '../../../errors.ts';
import { locationOf, type Tenant } from '../../../model/tenant.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import type { EnvelopeOutcome } from './envelopes.ts';

/** The name of a blob and its new bytes; `tag` of the blob that was read, null where there was none. */
export type NewBlob = { readonly path: string; readonly bytes: Buffer; readonly tag: string | null };

/** Writes a blob of a tenant: `contended` where another process wrote it first. Throws the errors of the store. */
export async function writeBlob(
  { store }: Pick<Vault, 'store'>,
  tenant: Tenant,
  { path, bytes, tag }: NewBlob,
  request: RequestContext,
): Promise<EnvelopeOutcome> {
  const [place, op] = [locationOf(tenant), newOperationNonce()];
  if (tag !== null) return (await store.replace(place, path, bytes, tag, op, request)) ? 'written' : 'contended';
  try {
    await store.put(place, path, bytes, op, request);
    return 'written';
  } catch (error) {
    if (hasCode(error, 'blob_exists')) return 'contended';
    throw error;
  }
}
