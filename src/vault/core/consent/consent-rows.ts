// Rows of notices and withdrawals, as acts and entries of the tenant's stream write them.
import { toBase64 } from '../../../bytes/base64.ts';
import type { IndexLabel } from '../../../envelope/blind-index.ts';
import { openColumn, sealColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { LabelledIndex, NoticeAmendment, WithdrawalAmendment } from '../../../model/amendments/amendment.ts';
import type { Notice, Withdrawal } from '../../../ports/rows/consent-rows.ts';
import type { IndexValue } from '../../../ports/rows/recording-rows.ts';

type NoticeText = Pick<NoticeAmendment, 'id' | 'version' | 'language' | 'text'>;

/** The row of a version of a notice: its text is sealed in its place. */
export function noticeRow(
  metadataKey: SecretKey,
  { tenant, created }: Pick<Notice, 'tenant' | 'created'>,
  { id, version, language, text }: NoticeText,
): Notice {
  const row = { tenant, id, version, language, created };
  return { ...row, text: sealColumn(metadataKey, placeOf(row), Buffer.from(text)) };
}

/** The text of a version of a notice. Throws `integrity`. */
export function openNoticeText(metadataKey: SecretKey, notice: Notice): string {
  return openColumn(metadataKey, placeOf(notice), notice.text).toString();
}

function placeOf({ tenant, id, version, language }: Omit<Notice, 'text'>) {
  return { tenant, row: `${id}/${version}/${language}`, column: 'text' };
}

/** The row of a withdrawal that has reached no recording yet; `due`: when work begins with it. */
export function withdrawalRow(
  { tenant, created, due }: Pick<Withdrawal, 'tenant' | 'created' | 'due'>,
  { id, at, purposes }: Pick<WithdrawalAmendment, 'id' | 'at' | 'purposes'>,
): Withdrawal {
  return { tenant, id, created, at, purposes, reached: '', due };
}

/** Indexes as entries have them: ascending by label and value, each once. */
export function labelledIndexes(indexes: readonly IndexValue[]): LabelledIndex[] {
  const byKey = new Map(
    indexes.map(({ label, value }) => {
      const one = { label, value: toBase64(value) };
      return [`${one.label} ${one.value}`, one] as const;
    }),
  );
  return [...byKey.values()].sort((one, other) => compare(one.label, other.label) || compare(one.value, other.value));
}

/** The same as rows have them. */
export function indexValues(indexes: readonly LabelledIndex[]): IndexValue[] {
  return indexes.map(({ label, value }) => ({ label: label as IndexLabel, value: Buffer.from(value, 'base64') }));
}

/** By bytes of UTF-8, as entries are ordered. */
function compare(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
