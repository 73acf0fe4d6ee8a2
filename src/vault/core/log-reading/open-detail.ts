// Sealed details of events: opened, and compared with the leaf's commitment.
import { canonicalBytes, type Json, parseCanonicalObject } from '../../../bytes/canonical-json.ts';
import { sha256 } from '../../../bytes/digest.ts';
import { openColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { hasCode } from '../../../errors.ts';
import type { Leaf } from '../../../model/log/leaf.ts';
import type { StoredDetail } from '../../../ports/rows/log-rows.ts';

/**
 * The state of an event's sealed detail: there is none; opened; erased with its recording; sealed while the tenant is
 * suspended or its key unavailable; or different from the leaf's commitment.
 */
export type DetailState = 'none' | 'opened' | 'erased' | 'sealed' | 'differs';

/** An event's detail; null unless it was opened. */
export type OpenedDetail = {
  readonly detail: { readonly [name: string]: Json } | null;
  readonly detailState: DetailState;
};

/** Opens the detail of an event of this log. */
export function openDetail(
  metadataKey: SecretKey,
  log: string,
  leaf: Leaf | null,
  stored: Pick<StoredDetail, 'salt' | 'sealed'> | undefined,
): OpenedDetail {
  if (leaf?.detail === undefined) return { detail: null, detailState: 'none' };
  const { salt = null, sealed = null } = stored ?? {};
  if (salt === null || sealed === null) return { detail: null, detailState: 'erased' };
  try {
    const bytes = openColumn(metadataKey, { tenant: log, row: String(leaf.id), column: 'detail' }, sealed);
    const detail = parseCanonicalObject(bytes);
    const same = leaf.detail === `sha256:${sha256(salt, canonicalBytes(detail)).toString('hex')}`;
    return same ? { detail, detailState: 'opened' } : { detail: null, detailState: 'differs' };
  } catch (error) {
    if (!hasCode(error, 'integrity', 'malformed', 'format_unknown')) throw error;
    return { detail: null, detailState: 'differs' };
  }
}
