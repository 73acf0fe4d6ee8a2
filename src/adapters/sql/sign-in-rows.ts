// Sign-in sessions, links, passkeys and answered challenges in SQL.
import { type Kysely, sql } from 'kysely';
import type { SignIn, SignInLink } from '../../model/sign-in.ts';
import type { SignInNotes, SignInWrites } from '../../ports/rows/sign-in-rows.ts';
import type { Connection } from './connection.ts';
import { literal } from './literals.ts';
import { asStored, nounOr } from './mapping.ts';
import { passkeys } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { versionedTable } from './versioned.ts';

const signInTable = versionedTable('signIn', asStored<SignIn>());
const linkTable = versionedTable('signInLink', asStored<SignInLink>());
const passkeyTable = versionedTable('passkey', passkeys);

const live = (db: Kysely<Schema>, tenant: string) =>
  db
    .selectFrom('signIn')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('state', '=', literal('LIVE'))
    .orderBy('id', 'desc');
const signInById = query((db, id: string) => db.selectFrom('signIn').selectAll().where('id', '=', id));
const linkById = query((db, id: string) => db.selectFrom('signInLink').selectAll().where('id', '=', id));
const byCredential = query((db, credential: string) =>
  db.selectFrom('passkey').selectAll().where('credential', '=', credential).where('state', '=', literal('ACTIVE')),
);
const liveOf = query((db, tenant: string, principal: string) => live(db, tenant).where('principal', '=', principal));
const liveIn = query(live);
// One look at the end of the index for each person: people sign in some times a day for years.
const lastSeen = query((db, tenant: string, principals: readonly string[]) => {
  const people = sql.join(principals.map((principal) => sql`(${principal})`));
  const text = sql<{ principal: string; seen: string | null }>`
    with person(principal) as (values ${people})
    select distinct principal, (
      select max(seen) from sign_in where sign_in.tenant = ${tenant} and sign_in.principal = person.principal
    ) as seen
    from person order by principal`;
  return { compile: () => text.compile(db) };
});
const openLinks = query((db, tenant: string, principal: string | null) => {
  const open = db
    .selectFrom('signInLink')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('state', '=', literal('OPEN'));
  return (principal === null ? open : open.where('principal', '=', principal)).orderBy('id', 'desc');
});
const activePasskeys = query((db, tenant: string, principal: string | null) => {
  const active = db
    .selectFrom('passkey')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('state', '=', literal('ACTIVE'));
  return (principal === null ? active : active.where('principal', '=', principal)).orderBy('id');
});
const passkeyHolders = query((db, tenant: string) =>
  db.selectFrom('passkey').select('principal').distinct().where('tenant', '=', tenant).orderBy('principal'),
);
const overdue = query((db, now: string, limit: number) =>
  db
    .selectFrom('signIn')
    .selectAll()
    .where('state', '=', literal('LIVE'))
    .where(({ or, eb }) => or([eb('idleEnds', '<=', now), eb('ends', '<=', now)]))
    .orderBy('idleEnds')
    .limit(limit),
);

export function signInRows(db: Connection): SignInWrites {
  const [signIns, links, passkeyRows] = [signInTable(db), linkTable(db), passkeyTable(db)];
  return {
    signIn: async (id) => (await db.first(signInById(id))) ?? null,
    link: async (id) => (await db.first(linkById(id))) ?? null,
    byCredential: async (credential) => nounOr(passkeys, await db.first(byCredential(credential))),
    passkey: passkeyRows.find,
    liveOf: (tenant, principal) => db.all(liveOf(tenant, principal)),
    liveIn: (tenant) => db.all(liveIn(tenant)),
    lastSeen: async (tenant, principals) =>
      principals.length === 0
        ? []
        : (await db.all(lastSeen(tenant, principals))).flatMap(({ principal, seen: at }) =>
            at === null ? [] : [{ principal, seen: at }],
          ),
    openLinks: (tenant, principal) => db.all(openLinks(tenant, principal)),
    passkeys: async (tenant, principal) => (await db.all(activePasskeys(tenant, principal))).map(passkeys.toNoun),
    passkeyHolders: async (tenant) => (await db.all(passkeyHolders(tenant))).map(({ principal }) => principal),
    overdue: (now, limit) => db.all(overdue(now, limit)),
    insertSignIn: signIns.insert,
    lockSignIn: signIns.lock,
    changeSignIn: signIns.change,
    insertLink: links.insert,
    changeLink: links.change,
    insertPasskey: passkeyRows.insert,
    changePasskey: passkeyRows.change,
    ...usedOnce(db),
  };
}

const seen = query((db, tenant: string, id: string, at: string, idleEnds: string) =>
  db
    .updateTable('signIn')
    .set({ seen: at, idleEnds })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('state', '=', literal('LIVE')),
);
const used = query((db, tenant: string, id: string, counter: number, at: string) =>
  db
    .updateTable('passkey')
    .set({ counter, lastUsed: at })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('state', '=', literal('ACTIVE'))
    .where(({ or, and, eb }) =>
      or([eb('counter', '<', counter), and([eb('counter', '=', 0), eb(eb.val(counter), '=', 0)])]),
    ),
);
const setChallengeKey = query((db, value: Uint8Array) =>
  db
    .insertInto('challengeKey')
    .values({ id: 1, value })
    .onConflict((conflict) => conflict.doNothing()),
);
const challengeKey = query((db) => db.selectFrom('challengeKey').select('value'));
const answered = query((db, id: string, expires: string) =>
  db
    .insertInto('answeredChallenge')
    .values({ id, expires })
    .onConflict((conflict) => conflict.doNothing()),
);
/**
 * Up to the time of the last of `limit` rows. Not by a list of ids: where the table was empty when PostgreSQL last counted
 * its rows, it would search the list again for each row.
 */
const forget = query((db, expired: string, limit: number) => {
  const all = db.selectFrom('answeredChallenge').where('expires', '<=', expired);
  const oldest = all.select('expires').orderBy('expires').limit(limit).as('oldest');
  return db
    .deleteFrom('answeredChallenge')
    .where('expires', '<=', (eb) => eb.selectFrom(oldest).select(({ fn }) => fn.max('expires').as('last')));
});

/** Marks of what counts once: in a change, they are part of it. */
function usedOnce(db: Connection): Pick<SignInNotes, 'used' | 'answered'> {
  return {
    used: async (tenant, id, counter, at) => (await db.run(used(tenant, id, counter, at))) === 1,
    answered: async (id, expires) => (await db.run(answered(id, expires))) === 1,
  };
}

export function signInNotes(db: Connection): SignInNotes {
  return {
    seen: async (tenant, id, at, idleEnds) => (await db.run(seen(tenant, id, at, idleEnds))) === 1,
    ...usedOnce(db),
    challengeKey: async (first) => {
      await db.run(setChallengeKey(first));
      return (await db.one(challengeKey())).value;
    },
    forget: (expired, limit) => db.run(forget(expired, limit)),
  };
}
