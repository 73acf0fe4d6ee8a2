// Locked rows in SQL, with what else a change reads at that moment. PostgreSQL locks the tables in the order in which a
// query names its locks: that of decision 0012. A row that it waited for is returned as it then is, but tables that it does
// not lock are read as they were when it began. So the tenant's lock comes in a query before, sent together with it: under
// that lock its policy changes.
import type { Kysely } from 'kysely';
import type { CallerRef, LookRows, LookWrites } from '../../ports/rows/look-rows.ts';
import type { Connection } from './connection.ts';
import { API_KEY, GRANT, type JoinedRow, POLICY, RECORDING, SIGN_IN, selectionOf, TENANT } from './joined-rows.ts';
import { floorOf, marked, newestPolicy, required, type SeenFloor } from './look-rows.ts';
import { type Query, query } from './query.ts';
import type { Schema } from './schema.ts';

export const PRESENTED = [TENANT, POLICY, API_KEY, SIGN_IN] as const;
const TO_ASK = selectionOf(...PRESENTED, RECORDING);
const TO_OPEN = selectionOf(...PRESENTED, RECORDING, GRANT);

/** The caller's tenant, its policy and the presented credential. */
export function ofCaller(db: Kysely<Schema>, tenant: string, apiKey: string, signIn: string) {
  return db
    .selectFrom('tenant')
    .leftJoin('policy', (join) =>
      join.onRef('policy.tenant', '=', 'tenant.tenant').on((eb) => eb('policy.id', '=', newestPolicy(eb))),
    )
    .leftJoin('apiKey', (join) => join.on('apiKey.id', '=', apiKey))
    .leftJoin('signIn', (join) => join.on('signIn.id', '=', signIn))
    .where('tenant.tenant', '=', tenant);
}

const shareTenant = query((db, tenant: string) =>
  db.selectFrom('tenant').select('tenant').where('tenant', '=', tenant).forShare(),
);

const toAsk = query((db, tenant: string, apiKey: string, signIn: string, recording: string) =>
  ofCaller(db, tenant, apiKey, signIn)
    .innerJoin('recording', (join) =>
      join.onRef('recording.tenant', '=', 'tenant.tenant').on('recording.id', '=', recording),
    )
    .select(TO_ASK as never)
    .select(floorOf(db, 'tenant.tenant') as never)
    .forShare('tenant')
    .forUpdate('recording'),
);
const allToAsk = query((db, tenant: string, apiKey: string, signIn: string, recordings: readonly string[]) =>
  ofCaller(db, tenant, apiKey, signIn)
    .innerJoin('recording', (join) =>
      join.onRef('recording.tenant', '=', 'tenant.tenant').on('recording.id', 'in', recordings),
    )
    .orderBy('recording.id')
    .select(TO_ASK as never)
    .select(floorOf(db, 'tenant.tenant') as never)
    .forShare('tenant')
    .forUpdate('recording'),
);
const toOpen = query((db, tenant: string, apiKey: string, signIn: string, grant: string) =>
  ofCaller(db, tenant, apiKey, signIn)
    .innerJoin('accessGrant', (join) =>
      join.onRef('accessGrant.tenant', '=', 'tenant.tenant').on('accessGrant.id', '=', grant),
    )
    .innerJoin('recording', (join) =>
      join.onRef('recording.tenant', '=', 'tenant.tenant').onRef('recording.id', '=', 'accessGrant.recording'),
    )
    .select(TO_OPEN as never)
    .select(floorOf(db, 'tenant.tenant') as never)
    .forShare('tenant')
    .forUpdate('recording')
    .forUpdate('accessGrant'),
);

/** The rows of a query that locks, under a lock on the caller's tenant. */
export async function underTenantLock<O>(db: Connection, { tenant }: CallerRef, locking: Query<O>): Promise<O[]> {
  const [, found] = await Promise.all([db.first(shareTenant(tenant)), db.all(locking)]);
  return found;
}

type LocksToDecide = 'lockToDecide' | 'lockAllToDecide';

export function lookLocks(db: Connection, seenFloor: SeenFloor): Omit<LookWrites, keyof LookRows | LocksToDecide> {
  return {
    lockToAsk: async (by, recording) => {
      const [found] = await underTenantLock(db, by, toAsk(...presentedBy(by), recording));
      return found === undefined ? null : lockedAccess(marked(found, seenFloor));
    },
    lockAllToAsk: async (by, recordings) =>
      (await underTenantLock(db, by, allToAsk(...presentedBy(by), recordings))).map((found) =>
        lockedAccess(marked(found, seenFloor)),
      ),
    lockToOpen: async (by, grant) => {
      const [found] = await underTenantLock(db, by, toOpen(...presentedBy(by), grant));
      if (found === undefined) return null;
      const row = marked(found, seenFloor);
      return { ...lockedAccess(row), grant: required(GRANT.nounIn(row)) };
    },
  };
}

/** The caller as arguments of a query. */
export function presentedBy({ tenant, apiKey, signIn }: CallerRef): [tenant: string, apiKey: string, signIn: string] {
  return [tenant, apiKey ?? '', signIn?.id ?? ''];
}

/** Tenant, policy and credential in a joined row. */
export function presented(row: JoinedRow) {
  return {
    tenant: required(TENANT.nounIn(row)),
    policy: POLICY.nounIn(row),
    apiKey: API_KEY.nounIn(row),
    signIn: SIGN_IN.nounIn(row),
  };
}

function lockedAccess(row: JoinedRow) {
  return { ...presented(row), recording: required(RECORDING.nounIn(row)) };
}
