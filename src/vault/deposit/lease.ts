// The lease on a deposit, renewed while its owner works on it.
import { VaultError } from '../../errors.ts';
import type { Deposit } from '../../model/recording.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings'>;

/** The end of a lease taken or renewed now. */
export function leaseEnd(vault: Pick<Vault, 'clock' | 'settings'>): string {
  return new Date(vault.clock.now() + vault.settings.leaseSeconds * 1000).toISOString();
}

/**
 * Keeps the lease on a deposit while `work` runs, also after the caller's signal fired; renews it after each third of its
 * length. The signal given to `work` fires when the lease is lost or the caller's signal fires.
 */
export async function withLease<T>(
  vault: Deps,
  deposit: Deposit,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const both = AbortSignal.any([signal, lost.signal]);
  const owner = vault.settings.instance;
  const stop = vault.clock.every((vault.settings.leaseSeconds * 1000) / 3, async () => {
    const kept = await vault.db.note(
      (notes) => notes.deposits.renewLease(deposit, owner, leaseEnd(vault)),
      // Not the caller's: finishing goes on after the uploader disconnected.
      { signal: lost.signal },
    );
    if (!kept) lost.abort(new VaultError('conflict', 'the lease on the deposit was lost'));
  });
  try {
    return await work(both);
  } finally {
    stop();
  }
}
