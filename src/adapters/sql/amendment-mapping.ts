// Amendment entries and their columns.
import type { AmendmentRow } from '../../ports/rows/amendment-rows.ts';
import { flagColumn, isSet, type Mapping } from './mapping.ts';

/** An entry's columns. */
export type AmendmentColumns = Omit<AmendmentRow, 'stored'> & { readonly stored: number };

export const amendments: Mapping<AmendmentRow, AmendmentColumns> = {
  toNoun: (columns) => ({ ...columns, stored: isSet(columns.stored) }),
  toColumns: (row) => ({
    tenant: row.tenant,
    subject: row.subject,
    n: row.n,
    at: row.at,
    entry: row.entry,
    stored: flagColumn(row.stored),
  }),
};
