// The verdict on an envelope without a row: it may be all that a lost database leaves of a deposit.
import type { EnvelopeId } from '../../envelope/envelope.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type KekLookup, openEnvelope } from '../offline/read-envelope.ts';
import { kekFromBlob } from '../offline/tenant-kek.ts';

/** `doubtful`: its key is not one in the rows, or is unavailable. Such an envelope is not deleted. */
export type Verdict = 'valid' | 'doubtful' | 'broken' | 'missing';

/** Judges the envelope of a deposit without a row. `keys` are those in the tenant's rows. */
export async function judgeEnvelope(
  vault: Pick<Vault, 'store' | 'keys'>,
  tenant: Tenant,
  id: EnvelopeId,
  keys: readonly string[],
  counted: () => Promise<void>,
  request: RequestContext,
): Promise<Verdict> {
  const keksOf: KekLookup = (key) => {
    const { lend } = kekFromBlob(vault, locationOf(tenant), key, { keys, minimumWrap: 1 });
    return { lend: (...lent) => lend(...lent).catch(asDoubt) };
  };
  try {
    await counted();
    const opened = await openEnvelope(vault, locationOf(tenant), id, { keys, minimumWrap: 1 }, request, keksOf);
    opened.dataKey.zero();
    return 'valid';
  } catch (error) {
    if (hasCode(error, 'blob_missing')) return 'missing';
    if (hasCode(error, 'malformed', 'integrity')) return 'broken';
    if (hasCode(error, 'key_refused', 'key_service_unavailable', 'format_unknown')) return 'doubtful';
    throw error;
  }
}

/** A missing or damaged KEK says nothing of the envelope: its row may exist, and a copy may be restored. */
function asDoubt(cause: unknown): never {
  if (!hasCode(cause, 'blob_missing', 'malformed', 'integrity')) throw cause;
  throw new VaultError('key_refused', 'the tenant KEK is missing or damaged', { cause });
}
