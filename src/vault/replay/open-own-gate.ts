// Opening the gate of a command's process, which runs for one tenant and a moment.
import { hasCode, VaultError } from '../../errors.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { openGate } from './questions.ts';
import { type ReplayParts, replayTenantEntries } from './replay-entries.ts';

const ANSWER_MS = 15_000;
const LOOK_MS = 500;

/**
 * Replays the tenant's entries where the database is known to be the one that ran until now, or else asks a process that
 * has replayed. Throws `not_available` where none answers within 15 seconds: after a restore the service must run first.
 */
export async function openOwnGate(vault: ReplayParts, id: string, request: RequestContext): Promise<void> {
  if (vault.replayGate.isOpen(id)) return;
  await replayFirst(vault, id, request);
  await askOthers(vault, id, request);
}

/** Asks a process that has replayed. Throws `not_available` where none answers within 15 seconds. */
async function askOthers(vault: ReplayParts, id: string, request: RequestContext): Promise<void> {
  const until = vault.clock.now() + ANSWER_MS;
  while (!vault.replayGate.isOpen(id)) {
    await openGate(vault, id, request);
    if (vault.replayGate.isOpen(id)) return;
    if (vault.clock.now() >= until)
      throw new VaultError(
        'not_available',
        'changes of this tenant may still have to be replayed from the store: start the service, then repeat the command',
      );
    await waitFor(vault, LOOK_MS, request);
  }
}

/**
 * Replays what the store has and the database lacks, before a command that a rule or a hold may forbid. Throws `not_found`,
 * the errors of the store, and `integrity` where a stream of the tenant or of a hold has a fault.
 */
export async function replayFirst(vault: ReplayParts, id: string, request: RequestContext): Promise<void> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
  if (tenant === null) throw new VaultError('not_found', 'there is no such tenant');
  try {
    await replayTenantEntries(vault, tenant, request);
  } catch (error) {
    // A recording whose stream has a fault is in quarantine; the command goes on for the others.
    if (!hasCode(error, 'integrity') || !vault.replayGate.listings.has(id)) throw error;
  }
}

/**
 * As `replayFirst`; where the store cannot be read, a process that has replayed answers for it. For commands that need no
 * store. Throws `not_available` where none answers within 15 seconds.
 */
export async function requireReplayed(vault: ReplayParts, id: string, request: RequestContext): Promise<void> {
  try {
    await replayFirst(vault, id, request);
  } catch (error) {
    if (!hasCode(error, 'store_unavailable')) throw error;
    await askOthers(vault, id, request);
  }
}

function waitFor(vault: Pick<Vault, 'clock'>, milliseconds: number, { signal }: RequestContext): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = vault.clock.deadline(milliseconds);
    over.addEventListener('abort', () => resolve(), { once: true });
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
