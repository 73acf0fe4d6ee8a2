// The notice that a basis names: whether the tenant has it.
import type { Json } from '../../../bytes/canonical-json.ts';
import { isObject } from '../../../bytes/json-object.ts';
import { VaultError } from '../../../errors.ts';
import type { NoticeReference } from '../../../model/basis.ts';
import type { Rows } from '../../../ports/database.ts';
import { membersOf } from './raw-facts.ts';

/** Whether the tenant has this version of a notice. Notices are never removed. */
export async function hasNotice(
  rows: Pick<Rows, 'consent'>,
  tenant: string,
  { id, version }: NoticeReference,
): Promise<boolean> {
  return (await rows.consent.versionsOf(tenant, id)).some((one) => one.version === version);
}

/**
 * Facts, or a patch of them, stored: a basis whose notice the tenant does not have says so. A wrong id must not
 * lose a call. The default basis names a notice that was there when it was set.
 */
export async function withNotice<Of extends { readonly [name: string]: Json }>(
  rows: Pick<Rows, 'consent'>,
  tenant: string,
  facts: Of,
): Promise<Of> {
  const basis = membersOf(facts['basis']);
  const notice = noticeOf(basis);
  if (notice === null || basis['defaulted'] === true || (await hasNotice(rows, tenant, notice))) return facts;
  return { ...facts, basis: { ...basis, notice_unknown: true } };
}

/** Throws `metadata_invalid` where a person's correction names a notice that the tenant does not have. */
export async function requireNotice(
  rows: Pick<Rows, 'consent'>,
  tenant: string,
  facts: { readonly [name: string]: Json },
): Promise<void> {
  const notice = noticeOf(membersOf(facts['basis']));
  if (notice === null || (await hasNotice(rows, tenant, notice))) return;
  const fields = [{ pointer: '/basis/notice', detail: 'is not a notice of this tenant, or not a version of it' }];
  throw new VaultError('metadata_invalid', 'the basis names a notice that does not exist', { fields });
}

function noticeOf({ notice }: { readonly notice?: Json } & { readonly [name: string]: Json }): NoticeReference | null {
  if (!isObject(notice)) return null;
  const { id, version } = notice;
  return typeof id === 'string' && typeof version === 'number' ? { id, version } : null;
}
