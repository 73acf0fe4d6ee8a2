// Joined reads in SQL: the rows of several tables that one decision needs.
import { type ExpressionBuilder, type Kysely, sql } from 'kysely';
import type { LookRows } from '../../ports/rows/look-rows.ts';
import type { Connection } from './connection.ts';
import {
  API_KEY,
  DEPOSIT,
  GRANT,
  type JoinedRow,
  OBJECT,
  POLICY,
  PRINCIPAL,
  RECORDING,
  SESSION,
  SIGN_IN,
  selectionOf,
  TENANT,
  WRAPPED_KEY,
} from './joined-rows.ts';
import { literal } from './literals.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

/** Takes the floor of a log that a joined query has read: the transaction's time needs no query then. */
export type SeenFloor = (log: string, floor: string | null) => void;

const KEY_LOOK = selectionOf(API_KEY, PRINCIPAL, TENANT);
const SIGN_IN_LOOK = selectionOf(SIGN_IN, PRINCIPAL, TENANT);
const POLICY_LOOK = selectionOf(TENANT, POLICY);
const SESSION_LOOK = selectionOf(TENANT, SESSION, GRANT, RECORDING, PRINCIPAL, POLICY, API_KEY, SIGN_IN);
const STORED_OBJECT = selectionOf(DEPOSIT, OBJECT, WRAPPED_KEY);

const ofApiKey = query((db, id: string) =>
  db
    .selectFrom('apiKey')
    .leftJoin('principal', (join) =>
      join.onRef('principal.tenant', '=', 'apiKey.tenant').onRef('principal.id', '=', 'apiKey.principal'),
    )
    .leftJoin('tenant', 'tenant.tenant', 'apiKey.tenant')
    .where('apiKey.id', '=', id)
    .select(KEY_LOOK as never)
    .select(floorOf(db, 'apiKey.tenant') as never),
);
const ofSignIn = query((db, id: string) =>
  db
    .selectFrom('signIn')
    .leftJoin('principal', (join) =>
      join.onRef('principal.tenant', '=', 'signIn.tenant').onRef('principal.id', '=', 'signIn.principal'),
    )
    .leftJoin('tenant', 'tenant.tenant', 'signIn.tenant')
    .where('signIn.id', '=', id)
    .select(SIGN_IN_LOOK as never)
    .select(floorOf(db, 'signIn.tenant') as never),
);
const ofTenant = query((db, tenant: string) =>
  db
    .selectFrom('tenant')
    .leftJoin('policy', (join) =>
      join.onRef('policy.tenant', '=', 'tenant.tenant').on((eb) => eb('policy.id', '=', newestPolicy(eb))),
    )
    .where('tenant.tenant', '=', tenant)
    .select(POLICY_LOOK as never)
    .select(floorOf(db, 'tenant.tenant') as never),
);
const ofSession = query((db, tenant: string, principal: string, apiKey: string, signIn: string, session: string) =>
  db
    .selectFrom('tenant')
    .leftJoin('session', (join) => join.onRef('session.tenant', '=', 'tenant.tenant').on('session.id', '=', session))
    .leftJoin('accessGrant', (join) =>
      join.onRef('accessGrant.tenant', '=', 'tenant.tenant').onRef('accessGrant.id', '=', 'session.grant'),
    )
    .leftJoin('recording', (join) =>
      join.onRef('recording.tenant', '=', 'tenant.tenant').onRef('recording.id', '=', 'session.recording'),
    )
    .leftJoin('principal', (join) =>
      join.onRef('principal.tenant', '=', 'tenant.tenant').on('principal.id', '=', principal),
    )
    .leftJoin('policy', (join) =>
      join.onRef('policy.tenant', '=', 'tenant.tenant').on((eb) => eb('policy.id', '=', newestPolicy(eb))),
    )
    .leftJoin('apiKey', (join) => join.on('apiKey.id', '=', apiKey))
    .leftJoin('signIn', (join) => join.on('signIn.id', '=', signIn))
    .where('tenant.tenant', '=', tenant)
    .select(SESSION_LOOK as never)
    .select(floorOf(db, 'tenant.tenant') as never),
);
const objectOfSession = query((db, tenant: string, session: string, deposit: string, name: string) =>
  db
    .selectFrom('session')
    .innerJoin('deposit', (join) =>
      join
        .onRef('deposit.tenant', '=', 'session.tenant')
        .onRef('deposit.recording', '=', 'session.recording')
        .on('deposit.object', '=', deposit)
        .on('deposit.state', '=', literal('AVAILABLE')),
    )
    .leftJoin('object', (join) =>
      join
        .onRef('object.tenant', '=', 'deposit.tenant')
        .onRef('object.deposit', '=', 'deposit.id')
        .on('object.name', '=', name),
    )
    .leftJoin('wrappedKey', (join) =>
      join.onRef('wrappedKey.tenant', '=', 'deposit.tenant').onRef('wrappedKey.deposit', '=', 'deposit.id'),
    )
    .where('session.tenant', '=', tenant)
    .where('session.id', '=', session)
    .select(STORED_OBJECT as never),
);

export function lookRows(db: Connection, seenFloor: SeenFloor): Omit<LookRows, 'toDecide'> {
  return {
    apiKey: async (id) => {
      const found = await db.first(ofApiKey(id));
      if (found === undefined) return null;
      const row = marked(found, seenFloor);
      return { ...ownerIn(row), apiKey: required(API_KEY.nounIn(row)) };
    },
    signIn: async (id) => {
      const found = await db.first(ofSignIn(id));
      if (found === undefined) return null;
      const row = marked(found, seenFloor);
      return { ...ownerIn(row), signIn: required(SIGN_IN.nounIn(row)) };
    },
    policy: async (tenant) => {
      const found = await db.first(ofTenant(tenant));
      if (found === undefined) return null;
      const row = marked(found, seenFloor);
      return { tenant: required(TENANT.nounIn(row)), policy: POLICY.nounIn(row) };
    },
    session: async (by, session) => {
      const found = await db.first(ofSession(by.tenant, by.principal, by.apiKey ?? '', by.signIn?.id ?? '', session));
      if (found === undefined) return null;
      const row = marked(found, seenFloor);
      return {
        tenant: required(TENANT.nounIn(row)),
        session: SESSION.nounIn(row),
        grant: GRANT.nounIn(row),
        recording: RECORDING.nounIn(row),
        person: PRINCIPAL.nounIn(row),
        policy: POLICY.nounIn(row),
        apiKey: API_KEY.nounIn(row),
        signIn: SIGN_IN.nounIn(row),
      };
    },
    sessionObject: async (tenant, session, { deposit, name }) => {
      const found = await db.first(objectOfSession(tenant, session, deposit, name));
      if (found === undefined) return null;
      const row = found as JoinedRow;
      return { deposit: required(DEPOSIT.nounIn(row)), object: OBJECT.nounIn(row), key: WRAPPED_KEY.nounIn(row) };
    },
  };
}

/** The id of the tenant's policy: a condition of a join. */
export function newestPolicy(eb: ExpressionBuilder<Schema, 'tenant' | 'policy'>) {
  return eb
    .selectFrom('policy as newest')
    .select(({ fn }) => fn.max('newest.id').as('id'))
    .whereRef('newest.tenant', '=', 'tenant.tenant');
}

/** What a joined query reads of the log that its rows belong to. */
type Floor = { readonly log: string; readonly floor: string | null };

/** The floor of the log of the tenant in this column, with the log's name, as columns. */
export function floorOf(db: Kysely<Schema>, tenant: 'tenant.tenant' | 'apiKey.tenant' | 'signIn.tenant') {
  const log = sql.ref<string>(tenant);
  const head = db.selectFrom('auditHead').select('auditHead.mark').where('auditHead.log', '=', log);
  return [log.as('log'), head.as('floor')];
}

/** The row, once its floor has been taken. */
export function marked(found: object, seenFloor: SeenFloor): JoinedRow {
  const { log, floor } = found as Floor;
  seenFloor(log, floor);
  return found as JoinedRow;
}

/** The noun of a table that the query does not leave out. */
export function required<Noun>(noun: Noun | null): Noun {
  if (noun === null) throw new TypeError('a joined row lacks the table that it starts from');
  return noun;
}

function ownerIn(row: JoinedRow) {
  return { principal: PRINCIPAL.nounIn(row), tenant: TENANT.nounIn(row) };
}
