// Whether an uploader still may deposit: a body, or a list, takes time.
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';

/** Throws `forbidden` once the uploader is deactivated, or its API key revoked. */
export async function requireDepositor(tx: Pick<Transaction, 'principals'>, by: Caller): Promise<void> {
  const key = by.apiKey === undefined ? null : await tx.principals.apiKey(by.apiKey);
  const isOff = key?.state === 'REVOKED' || (await tx.principals.find(by.tenant, by.principal))?.state === 'OFF';
  if (isOff)
    throw new VaultError('forbidden', 'the uploader was deactivated, or its API key revoked, during the upload');
}
