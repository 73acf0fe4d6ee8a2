// The body and the preview of a release, made before the transaction that proposes it: counting may take minutes.
import { isId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { MAX_RELEASED, type ReleaseBody, type ReleasePreview, type Staying } from '../../model/change/release.ts';
import type { RequestContext } from '../core/request-context.ts';
import { requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { currentBase } from './base.ts';
import { requireDepositor } from './depositor.ts';
import { previewRelease } from './release-survey.ts';

/** What is wanted: recordings, or all that were rebuilt. */
export type WantedRelease = {
  readonly kind: 'release';
  readonly depositor: string;
  readonly recordings: readonly string[] | null;
};

/** A release with its preview and the digest of its effects, and the versions that these were counted on. */
export type DraftedRelease = {
  readonly body: ReleaseBody;
  readonly preview: ReleasePreview;
  readonly base: string;
  readonly effects: string;
};

/**
 * Drafts a release; `stays` receives each recording that would stay. Throws `malformed` for invalid ids, `not_found` for
 * an unknown recording and for a depositor that is not an active service of the tenant, and `conflict` where no recording
 * would be released.
 */
export async function draftRelease(
  vault: Pick<Vault, 'db'>,
  metadataKey: SecretKey,
  tenant: string,
  { depositor, recordings }: WantedRelease,
  request: RequestContext,
  stays?: (one: Staying) => void,
): Promise<DraftedRelease> {
  const ids = recordings === null ? null : [...new Set(recordings)].sort();
  if (ids !== null && (ids.length === 0 || ids.length > MAX_RELEASED || !ids.every((id) => isId(id, 'rec'))))
    throw new VaultError('malformed', `a release names 1 to ${MAX_RELEASED} recordings by id, or none for all`);
  const body: ReleaseBody = { v: 1, kind: 'release', depositor, ...(ids === null ? {} : { recordings: ids }) };
  const base = await vault.db.read(async (rows) => {
    const row = requireActive(await rows.tenants.find(tenant));
    await requireDepositor(rows, metadataKey, tenant, depositor);
    return currentBase(rows, metadataKey, row, body);
  }, request);
  const { preview, effects } = await previewRelease(vault, { tenant, metadataKey, body }, request, stays);
  if (preview.released === 0) throw new VaultError('conflict', 'no recording would be released');
  return { body, preview, base, effects };
}
