// Joined reads in SQL: the rows of several tables that one decision needs.
import type { ExpressionBuilder, Kysely } from 'kysely';
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
  TENANT,
  WRAPPED_KEY,
} from './joined-rows.ts';
import { literal } from './literals.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

/** Takes the latest time in any log that a joined query has read: the transaction's time needs no query then. */
export type SeenMark = (mark: string | null) => void;

const SESSION_LOOK = [TENANT, SESSION, GRANT, RECORDING, PRINCIPAL, POLICY, API_KEY, SIGN_IN].flatMap(
  ({ selection }) => selection,
);
const STORED_OBJECT = [DEPOSIT, OBJECT, WRAPPED_KEY].flatMap(({ selection }) => selection);

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
    .select(latestMark(db)),
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

export function lookRows(db: Connection, seenMark: SeenMark): LookRows {
  return {
    session: async (by, session) => {
      const found = await db.first(ofSession(by.tenant, by.principal, by.apiKey ?? '', by.signIn?.id ?? '', session));
      if (found === undefined) return null;
      const row = marked(found, seenMark);
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

function newestPolicy(eb: ExpressionBuilder<Schema, 'tenant' | 'policy'>) {
  return eb
    .selectFrom('policy as newest')
    .select(({ fn }) => fn.max('newest.id').as('id'))
    .whereRef('newest.tenant', '=', 'tenant.tenant');
}

function latestMark(db: Kysely<Schema>) {
  const heads = db.selectFrom('auditHead').select(({ fn }) => fn.max('auditHead.mark').as('mark'));
  return heads.as('mark');
}

function marked(found: { readonly mark: string | null }, seenMark: SeenMark): JoinedRow {
  seenMark(found.mark);
  return found as unknown as JoinedRow;
}

/** A table that the query does not leave out. */
function required<Noun>(noun: Noun | null): Noun {
  if (noun === null) throw new TypeError('a joined row lacks the table that it starts from');
  return noun;
}
