// Mapping of withdrawals of consent.
import type { Withdrawal } from '../../ports/rows/consent-rows.ts';
import { listColumn, listIn } from './mapping.ts';

export type WithdrawalColumns = Omit<Withdrawal, 'purposes'> & { readonly purposes: string };

export const withdrawals = {
  toNoun: ({ purposes, ...rest }: WithdrawalColumns): Withdrawal => ({ ...rest, purposes: listIn(purposes) }),
  toColumns: ({ purposes, ...rest }: Withdrawal): WithdrawalColumns => ({ ...rest, purposes: listColumn(purposes) }),
};
