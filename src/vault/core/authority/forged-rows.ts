// Forged rows: counted in their tenant's log, and denied to the caller like any wrong credential.
import { isAnyId } from '../../../bytes/ids.ts';
import type { AuthorityTable } from '../../../envelope/authority.ts';
import { hasCode, VaultError } from '../../../errors.ts';
import { countEvent } from '../events/count-events.ts';
import { systemActor } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings'>;

const noted = new WeakSet<VaultError>();

/**
 * Counts a forged row that `error` names, once per row and minute; ignores any other error. Two callers may pass on the
 * same error (the check of a credential and the request around it): it counts once.
 */
export async function countForgedRow(vault: Deps, error: unknown, request: RequestContext): Promise<void> {
  if (!(error instanceof VaultError) || error.forged === undefined || noted.has(error)) return;
  noted.add(error);
  const { tenant, table, id } = error.forged;
  const what = {
    tenant,
    actor: systemActor(vault.settings),
    action: 'authority.refused',
    // A forger chose the row's id: the log accepts it only in the form of an id.
    object: { type: table as AuthorityTable, id: isAnyId(id) ? id : 'unreadable' },
    outcome: 'refused',
  } as const;
  await countEvent(vault, what, request);
}

/** Runs a check of a credential's rows. Throws `refused` where one of them is forged: the caller does not learn why. */
export async function refuseForged(
  vault: Deps,
  check: () => void,
  refused: VaultError,
  request: RequestContext,
): Promise<void> {
  try {
    check();
  } catch (error) {
    if (!hasCode(error, 'integrity')) throw error;
    await countForgedRow(vault, error, request);
    throw refused;
  }
}
