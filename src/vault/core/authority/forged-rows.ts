// A row that is not authentic: counted in its tenant's log, and refused to its bearer like any wrong credential.
import { isAnyId } from '../../../bytes/ids.ts';
import type { AuthorityTable } from '../../../envelope/authority.ts';
import { hasCode, VaultError } from '../../../errors.ts';
import { countEvent } from '../events/count-events.ts';
import { systemActor } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings'>;

const noted = new WeakSet<VaultError>();

/** Counts a row that `error` found forged, per row and minute; any other error it leaves alone. Twice counts once. */
export async function countForgedRow(vault: Deps, error: unknown, request: RequestContext): Promise<void> {
  if (!(error instanceof VaultError) || error.forged === undefined || noted.has(error)) return;
  noted.add(error);
  const { tenant, table, id } = error.forged;
  const what = {
    tenant,
    actor: systemActor(vault.settings),
    action: 'authority.refused',
    // Whoever forged a row chose its id: the log takes none that could carry something else.
    object: { type: table as AuthorityTable, id: isAnyId(id) ? id : 'unreadable' },
    outcome: 'refused',
  } as const;
  await countEvent(vault, what, request);
}

/** Runs a check of a credential's rows. Throws `refused` where one of them is forged: its bearer learns nothing of why. */
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
