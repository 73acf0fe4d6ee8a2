// Sealed notes: the reasons and tickets that people wrote on requests, decisions and grants.
import { parseCanonicalObject } from '../../bytes/canonical-json.ts';
import { openColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Decision, Grant } from '../../model/access.ts';

/** The note of a row; empty where it was erased with its recording. Throws `integrity`. */
export function openSealedNote<T extends object>(
  metadataKey: SecretKey,
  tenant: string,
  row: string,
  sealed: Uint8Array | null,
): Partial<T> {
  if (sealed === null || sealed.length === 0) return {};
  return parseCanonicalObject(openColumn(metadataKey, { tenant, row, column: 'words' }, sealed)) as Partial<T>;
}

/** The reason of a denial; null for an approval, or once the reason is erased. */
export function reasonOfDecision(
  metadataKey: SecretKey,
  { tenant, request, approver, words }: Pick<Decision, 'tenant' | 'request' | 'approver' | 'words'>,
): string | null {
  return openSealedNote<{ reason: string }>(metadataKey, tenant, `${request}:${approver}`, words).reason ?? null;
}

/** The reason of a revocation; null where none was given, or once it is erased. */
export function reasonOfRevocation(
  metadataKey: SecretKey,
  { tenant, id, revokedWords }: Pick<Grant, 'tenant' | 'id' | 'revokedWords'>,
): string | null {
  return openSealedNote<{ reason: string }>(metadataKey, tenant, id, revokedWords).reason ?? null;
}
