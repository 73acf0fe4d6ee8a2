// The service that a release names: from then on it deposits and amends the calls.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Principal } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';

/** The active uploader of the tenant with this id. Throws `not_found`, and `integrity` where its row is not authentic. */
export async function requireDepositor(
  { principals }: Rows,
  metadataKey: SecretKey,
  tenant: string,
  id: string,
): Promise<Principal> {
  const found = await principals.find(tenant, id);
  if (found === null || found.kind !== 'service' || found.state !== 'ACTIVE' || !found.roles.includes('uploader'))
    throw new VaultError('not_found', 'the tenant has no active service with this id');
  requireAuthentic(metadataKey, 'principal', found);
  return found;
}
