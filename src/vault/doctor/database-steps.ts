// The doctor's steps for the database user: rights that it lacks, and rights beyond its role.
import { VaultError } from '../../errors.ts';
import { type DatabaseUse, freesRows } from '../../model/database-rights.ts';
import type { UserRights } from '../../ports/database-user.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { DoctorDeps, Step, StepOutcome } from './step.ts';

const SCRIPT = 'run docs/operations/postgres-users.sql';

/** The steps for the user of processes of a role, or of operators' commands. */
export function databaseUserSteps({ db }: DoctorDeps, use: DatabaseUse): readonly Step[] {
  const compare = async (request: RequestContext): Promise<StepOutcome> => {
    const rights = await db.userRights(use, request);
    return rights === null
      ? 'SQLite has no users: a process that opens the file may write every row'
      : compareRights(rights, use);
  };
  const free = async (request: RequestContext): Promise<StepOutcome> => {
    const rights = await db.userRights(use, request);
    return rights === null ? 'overwritten' : freeingOf(rights);
  };
  return [
    { name: 'compare the rights of its user', run: compare },
    ...(freesRows(use) ? [{ name: 'free deleted rows', run: free }] : []),
  ];
}

/** Throws `config_invalid` for missing rights, and where a process that only takes calls may write rows that give access. */
function compareRights({ user, missing, excess, ownsTables }: UserRights, use: DatabaseUse): StepOutcome {
  const advice = `use callvault_${use} (docs/operations/postgres-users.md)`;
  const more = ownsTables
    ? ['owns the tables, and may do everything with them']
    : excess.length > 0
      ? [`may also ${excess.map(({ right }) => right).join('; ')}`]
      : [];
  const findings = [...(missing.length > 0 ? [`lacks ${missing.join('; ')}`] : []), ...more];
  if (findings.length === 0) return user;
  const finding = `${user} ${findings.join(', and ')}: ${missing.length > 0 ? SCRIPT : advice}`;
  const grantsAccess = ownsTables || excess.some((one) => one.grantsAccess);
  if (missing.length > 0 || (use === 'ingest' && grantsAccess)) throw new VaultError('config_invalid', finding);
  return { warning: finding };
}

function freeingOf({ user, mayVacuum, seesTransactions }: UserRights): StepOutcome {
  if (!mayVacuum)
    return { warning: `${user} may not vacuum: erased rows stay in the files until the server vacuums its tables` };
  if (!seesTransactions)
    return { warning: `${user} does not see the transactions of other users (pg_read_all_stats): ${SCRIPT}` };
  return 'at once';
}
