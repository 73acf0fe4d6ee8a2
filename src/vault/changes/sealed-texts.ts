// The columns of a change that say what it does, what it would affect, why, and why it was rejected: sealed with the key of
// its tenant. The deployment has none (null): its changes hold ids, codes and digests, unsealed.
import { canonicalBytes, parseCanonicalObject } from '../../bytes/canonical-json.ts';
import { openColumn, sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { ChangeBody, ChangePreview } from '../../model/change/body.ts';
import type { Change } from '../../model/change/change.ts';

type Sealed = 'body' | 'preview' | 'note' | 'reason';

/** Seals a value for a column of a change. */
export function sealOfChange(
  metadataKey: SecretKey | null,
  { tenant, id }: Pick<Change, 'tenant' | 'id'>,
  column: Sealed,
  value: object,
): Uint8Array {
  const bytes = canonicalBytes(value);
  return metadataKey === null ? bytes : sealColumn(metadataKey, { tenant, row: id, column }, bytes);
}

function open(metadataKey: SecretKey | null, { tenant, id }: Change, column: Sealed, sealed: Uint8Array): unknown {
  return parseCanonicalObject(
    metadataKey === null ? sealed : openColumn(metadataKey, { tenant, row: id, column }, sealed),
  );
}

/** What the change does. Throws `integrity`. */
export function bodyOf(metadataKey: SecretKey | null, change: Change): ChangeBody {
  return open(metadataKey, change, 'body', change.body) as ChangeBody;
}

/** What it would affect, as counted when it was proposed; null where nothing was counted. Throws `integrity`. */
export function previewOf(metadataKey: SecretKey | null, change: Change): ChangePreview | null {
  return change.preview === null ? null : (open(metadataKey, change, 'preview', change.preview) as ChangePreview);
}

/** The proposer's reason. Throws `integrity`. */
export function noteOf(metadataKey: SecretKey | null, change: Change): string {
  return (open(metadataKey, change, 'note', change.note) as { readonly text: string }).text;
}

/** The reason of a rejection; null without one. Throws `integrity`. */
export function refusalOf(metadataKey: SecretKey | null, change: Change): string | null {
  if (change.reason === null) return null;
  return (open(metadataKey, change, 'reason', change.reason) as { readonly text: string }).text;
}
