// The rights of the database user at the start: a process that lacks some would fail at its first request that needs them.
import type { Composed } from '../compose.ts';
import { VaultError } from '../errors.ts';

const DEADLINE_MS = 30_000;

/** Throws `config_invalid` where the user lacks rights that the process's role needs, as after an upgrade. */
export async function requireDatabaseRights({ vault }: Pick<Composed, 'vault'>): Promise<void> {
  const { role } = vault.settings;
  const rights = await vault.db.userRights(role, { signal: vault.clock.deadline(DEADLINE_MS) });
  if (rights === null || rights.missing.length === 0) return;
  throw new VaultError(
    'config_invalid',
    `the database user ${rights.user} lacks rights of role ${role} (${rights.missing.join('; ')}): run docs/operations/postgres-users.sql`,
  );
}
