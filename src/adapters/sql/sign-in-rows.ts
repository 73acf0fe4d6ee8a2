// Sign-in sessions, links, passkeys and answered challenges in SQL.
import type { Kysely } from 'kysely';
import type { SignIn, SignInLink } from '../../model/sign-in.ts';
import type { SignInNotes, SignInWrites } from '../../ports/rows/sign-in-rows.ts';
import { literal } from './literals.ts';
import { asStored, nounOr } from './mapping.ts';
import { passkeys } from './passkey-mapping.ts';
import type { Schema } from './schema.ts';
import { versionedRows } from './versioned.ts';

export function signInRows(db: Kysely<Schema>): SignInWrites {
  const [signIns, links, passkeyRows] = [
    versionedRows(db, 'signIn', asStored<SignIn>()),
    versionedRows(db, 'signInLink', asStored<SignInLink>()),
    versionedRows(db, 'passkey', passkeys),
  ];
  const live = (tenant: string) =>
    db
      .selectFrom('signIn')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('state', '=', literal('LIVE'))
      .orderBy('id', 'desc');
  return {
    signIn: async (id) => (await db.selectFrom('signIn').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    link: async (id) => (await db.selectFrom('signInLink').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    byCredential: async (credential) => {
      const active = db.selectFrom('passkey').selectAll().where('credential', '=', credential);
      return nounOr(passkeys, await active.where('state', '=', literal('ACTIVE')).executeTakeFirst());
    },
    passkey: passkeyRows.find,
    liveOf: (tenant, principal) => live(tenant).where('principal', '=', principal).execute(),
    liveIn: (tenant) => live(tenant).execute(),
    lastSeen: async (tenant, principals) => {
      if (principals.length === 0) return [];
      const of = db.selectFrom('signIn').where('tenant', '=', tenant).where('principal', 'in', principals);
      return of
        .select(({ fn }) => ['principal', fn.max('seen').as('seen')])
        .groupBy('principal')
        .orderBy('principal')
        .execute();
    },
    openLinks: (tenant, principal) => {
      const open = db
        .selectFrom('signInLink')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('state', '=', literal('OPEN'));
      return (principal === null ? open : open.where('principal', '=', principal)).orderBy('id', 'desc').execute();
    },
    passkeys: async (tenant, principal) => {
      const active = db
        .selectFrom('passkey')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('state', '=', literal('ACTIVE'));
      const own = principal === null ? active : active.where('principal', '=', principal);
      return (await own.orderBy('id').execute()).map(passkeys.toNoun);
    },
    overdue: (now, limit) =>
      db
        .selectFrom('signIn')
        .selectAll()
        .where('state', '=', literal('LIVE'))
        .where(({ or, eb }) => or([eb('idleEnds', '<=', now), eb('ends', '<=', now)]))
        .orderBy('idleEnds')
        .limit(limit)
        .execute(),
    insertSignIn: signIns.insert,
    lockSignIn: signIns.lock,
    changeSignIn: signIns.change,
    insertLink: links.insert,
    changeLink: links.change,
    insertPasskey: passkeyRows.insert,
    changePasskey: passkeyRows.change,
  };
}

export function signInNotes(db: Kysely<Schema>): SignInNotes {
  return {
    seen: async (tenant, id, at, idleEnds) => {
      const { numUpdatedRows } = await db
        .updateTable('signIn')
        .set({ seen: at, idleEnds })
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where('state', '=', literal('LIVE'))
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    used: async (tenant, id, counter, at) => {
      const { numUpdatedRows } = await db
        .updateTable('passkey')
        .set({ counter, lastUsed: at })
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where('state', '=', literal('ACTIVE'))
        .where(({ or, and, eb }) =>
          or([eb('counter', '<', counter), and([eb('counter', '=', 0), eb(eb.val(counter), '=', 0)])]),
        )
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    challengeKey: async (first) => {
      const insert = db.insertInto('challengeKey').values({ id: 1, value: first });
      await insert.onConflict((conflict) => conflict.doNothing()).execute();
      return (await db.selectFrom('challengeKey').select('value').executeTakeFirstOrThrow()).value;
    },
    answered: async (id, expires) => {
      const insert = db.insertInto('answeredChallenge').values({ id, expires });
      const { numInsertedOrUpdatedRows } = await insert
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
    forget: async (expired) => {
      const { numDeletedRows } = await db
        .deleteFrom('answeredChallenge')
        .where('expires', '<=', expired)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
