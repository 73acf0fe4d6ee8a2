// The check of an envelope against its rows: whether it exists, its form, ids, key and objects.
import {
  type Envelope,
  type EnvelopeObject,
  envelopePath,
  parseEnvelope,
  verifyEnvelope,
} from '../../envelope/envelope.ts';
import { openFacts } from '../../envelope/facts.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type { ObjectRow, WrappedKeyRow } from '../../model/recording.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import { readBlob } from '../core/objects/read-blob.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { isSameKey, wrappedKeyOf } from '../core/wrapped-keys/wrapped-keys.ts';
import type { LendKey } from './check-blob.ts';
import type { DepositSnapshot } from './deposit-snapshot.ts';
import type { EnvelopeKind } from './finding.ts';

/** What is wrong with an envelope. */
export type EnvelopeFault = { readonly kind: EnvelopeKind; readonly why?: string };

/**
 * The fault of the deposit's envelope, or null. With `key` null no data key is unwrapped: form, ids, key and objects
 * are compared, MAC and facts are not. Throws `store_unavailable` and the errors of lending the key.
 */
export async function checkEnvelope(
  vault: Pick<Vault, 'store'>,
  place: StoreLocation,
  { deposit, key: row, object, beside }: DepositSnapshot,
  key: LendKey | null,
  request: RequestContext,
): Promise<EnvelopeFault | null> {
  const path = envelopePath(deposit.tenant, deposit.recording, deposit.id);
  const found = await readBlob(vault, place, path, parseEnvelope, request);
  if (found === 'missing') return { kind: 'envelope_missing' };
  if (found === 'damaged') return { kind: 'envelope_damaged', why: 'form' };
  const { bytes, content: envelope } = found;
  const { tenant, recording, deposit: id } = envelope;
  if (tenant !== deposit.tenant || recording !== deposit.recording || id !== deposit.id) {
    return { kind: 'envelope_swapped' };
  }
  const dataKey = (await key?.()) ?? null;
  if (dataKey !== null && !isAuthentic(bytes, envelope, dataKey)) return { kind: 'envelope_damaged', why: 'mac' };
  if (object !== null && !describes(envelope, [object, ...beside])) return { kind: 'envelope_differs', why: 'object' };
  return row === null ? null : compareKeys(envelope, row);
}

function isAuthentic(bytes: Buffer, envelope: Envelope, dataKey: SecretKey): boolean {
  try {
    verifyEnvelope(bytes, dataKey);
    openFacts(dataKey, envelope, envelope.facts);
    return true;
  } catch (error) {
    if (hasCode(error, 'integrity', 'malformed')) return false;
    throw error;
  }
}

function describes({ objects }: Envelope, rows: readonly ObjectRow[]): boolean {
  const isOf = (row: ObjectRow): boolean => objects.some((one) => one.name === row.name && isSameObject(one, row));
  return objects.length === rows.length && rows.every(isOf);
}

function isSameObject(one: EnvelopeObject, row: ObjectRow): boolean {
  return (
    one.type === row.type &&
    one.size === row.size &&
    one.sealed === row.sealed &&
    one.parts === row.parts &&
    Buffer.compare(one.heads, row.heads) === 0
  );
}

function compareKeys({ key }: Envelope, row: WrappedKeyRow): EnvelopeFault | null {
  if (key.wrap > row.wrap) return { kind: 'row_behind' };
  if (key.wrap < row.wrap) {
    const waiting = (row.envelopeWrap ?? row.wrap) <= key.wrap;
    return { kind: 'envelope_behind', why: waiting ? 'not_rewritten_yet' : 'rolled_back' };
  }
  return isSameKey(key, wrappedKeyOf(row)) ? null : { kind: 'envelope_differs', why: 'key' };
}
