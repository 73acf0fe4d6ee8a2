// Writing a version of a notice: its row, the tenant's entry, its event.
import { newId } from '../../../bytes/ids.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { Actor, EventOf } from '../../../model/audit-event.ts';
import type { NoticeReference } from '../../../model/basis.ts';
import type { Transaction } from '../../../ports/database.ts';
import { writeEntry } from '../amendments/write-entry.ts';
import { event } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { noticeRow } from './consent-rows.ts';

/** A new notice; of `notice` a new version, or of `version` another language. */
export type NewNotice = {
  readonly notice?: string;
  readonly version?: number;
  readonly language: string;
  readonly text: string;
};

/** Who adds it, and the members of the event that name a credential. */
export type NoticeAuthor = {
  readonly by: Actor;
  readonly credential: { readonly api_key?: string; readonly sign_in?: string };
};

/**
 * Writes a text; the transaction holds the tenant's row. Throws `not_found` for an unknown notice or version, `conflict` where
 * the version has a text in this language.
 */
export async function writeNotice(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  { tenant, metadataKey }: { readonly tenant: string; readonly metadataKey: SecretKey },
  { by, credential }: NoticeAuthor,
  wanted: NewNotice,
  request: Pick<RequestContext, 'req'>,
): Promise<{ readonly place: NoticeReference; readonly written: EventOf<'notice.added'> }> {
  const { id, version } = await placeFor(tx, tenant, wanted);
  const { language, text } = wanted;
  const made = event(tenant, by, 'notice.added', { id, version, language, ...credential }, request);
  const said = { op: 'notice', id, version, language, text } as const;
  const written = await writeEntry(vault, tx, metadataKey, { tenant, subject: tenant }, made, said);
  await tx.consent.insertNotice(noticeRow(metadataKey, { tenant, created: await tx.now() }, said));
  return { place: { id, version }, written };
}

async function placeFor(
  tx: Transaction,
  tenant: string,
  { notice, version, language }: NewNotice,
): Promise<NoticeReference> {
  if (notice === undefined) return { id: newId('ntc'), version: 1 };
  const known = await tx.consent.versionsOf(tenant, notice);
  const last = known.at(-1)?.version;
  if (last === undefined || (version !== undefined && version > last))
    throw new VaultError('not_found', 'there is no such notice or version');
  if (version === undefined) return { id: notice, version: last + 1 };
  if (known.some((one) => one.version === version && one.language === language))
    throw new VaultError('conflict', 'this version has a text in this language: add a new version');
  return { id: notice, version };
}
