// What people wrote about access, opened from the columns it is sealed in.
import { parseCanonicalObject } from '../../bytes/canonical-json.ts';
import { openColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Decision, Grant } from '../../model/access.ts';

/** The words in a row; none where they went with their recording. Throws `integrity`. */
export function openSealedNote<T extends object>(
  metadataKey: SecretKey,
  tenant: string,
  row: string,
  sealed: Uint8Array | null,
): Partial<T> {
  if (sealed === null || sealed.length === 0) return {};
  return parseCanonicalObject(openColumn(metadataKey, { tenant, row, column: 'words' }, sealed)) as Partial<T>;
}

/** Why a request was denied; null for an approval, or once that is forgotten. */
export function reasonOfDecision(
  metadataKey: SecretKey,
  { tenant, request, approver, words }: Decision,
): string | null {
  return openSealedNote<{ reason: string }>(metadataKey, tenant, `${request}:${approver}`, words).reason ?? null;
}

/** Why a grant was revoked; null where nobody said so, or once that is forgotten. */
export function reasonOfRevocation(metadataKey: SecretKey, { tenant, id, revokedWords }: Grant): string | null {
  return openSealedNote<{ reason: string }>(metadataKey, tenant, id, revokedWords).reason ?? null;
}
