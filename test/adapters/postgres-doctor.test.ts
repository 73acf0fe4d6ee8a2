// What doctor and a start say of PostgreSQL users: rights that are missing, and rights beyond the role.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { requireDatabaseRights } from '../../src/main/database-user.ts';
import type { DatabaseUse } from '../../src/model/database-rights.ts';
import { DATABASE_USES } from '../../src/model/database-rights.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { databaseUserSteps } from '../../src/vault/doctor/database-steps.ts';
import { runDoctor, type StepResult } from '../../src/vault/doctor/run-doctor.ts';
import { needs } from '../support/needs.ts';
import { createUsers, type UsersWorld, usersWorld } from '../support/postgres-users.ts';
import { openTestVault } from '../support/vault.ts';

const { present, reason } = needs('postgresql');
const RIGHTS = 'compare the rights of its user';

async function examined(vault: Vault, use: DatabaseUse): Promise<Record<string, Pick<StepResult, 'state' | 'detail'>>> {
  const steps: Record<string, Pick<StepResult, 'state' | 'detail'>> = {};
  for await (const { step, state, detail } of runDoctor(vault, [
    { name: 'database', steps: databaseUserSteps(vault, use) },
  ]))
    steps[step] = { state, detail };
  return steps;
}

it('says that SQLite has no users', async () => {
  const test = await openTestVault();
  expect(await examined(test.vault, 'ingest')).toEqual({
    [RIGHTS]: { state: 'ok', detail: 'SQLite has no users: a process that opens the file may write every row' },
  });
  await requireDatabaseRights(test);
  await test.close();
});

describe.skipIf(!present)(`the doctor on PostgreSQL ${reason}`, () => {
  let at: UsersWorld;
  beforeAll(async () => {
    at = await usersWorld();
  });
  afterEach(() => createUsers(at.owner));
  afterAll(() => at?.end());

  const user = (use: DatabaseUse): string => at.userOf(use);
  const rightsFor = async (use: DatabaseUse, vault = at.vaultOf(use)) => (await examined(vault, use))[RIGHTS];

  it.each(DATABASE_USES)('finds the user of %s in order', async (use) => {
    expect(await rightsFor(use)).toEqual({ state: 'ok', detail: user(use) });
  });

  it('fails for a user of ingest that may write a row which gives access, and names each right', async () => {
    await at.run('grant insert, update (uses_left, state) on access_grant to callvault_ingest');
    await at.run('grant delete on comment to callvault_ingest');
    expect(await rightsFor('ingest')).toEqual({
      state: 'failed',
      detail: `${user('ingest')} may also insert, update (state, uses_left) on access_grant; delete on comment: use callvault_ingest (docs/operations/postgres-users.md)`,
    });
  });

  it.each(['delete', 'truncate'])('fails for a user of ingest that may %s rows which give access', async (right) => {
    await at.run(`grant ${right} on policy to callvault_ingest`);
    expect(await rightsFor('ingest')).toEqual({
      state: 'failed',
      detail: `${user('ingest')} may also ${right} on policy: use callvault_ingest (docs/operations/postgres-users.md)`,
    });
  });

  it('warns of other rights beyond the role', async () => {
    await at.run(
      'grant truncate, trigger on amendment to callvault_work; grant create on schema public to callvault_work',
    );
    expect(await rightsFor('work')).toEqual({
      state: 'warning',
      detail: `${user('work')} may also truncate, trigger on amendment; create on the schema: use callvault_work (docs/operations/postgres-users.md)`,
    });
    await at.run('revoke create on schema public from callvault_work');
  });

  it('fails for an ingest process under another user, and warns for every other process under the owner', async () => {
    const owner = new URL(at.owner).username;
    const { vault } = at.world;
    expect(await rightsFor('ingest', vault)).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(
        `^${owner} owns the tables, and may do everything with them: use callvault_ingest`,
      ) as string,
    });
    for (const use of ['listen', 'console', 'work', 'all', 'operator'] as const)
      expect([use, (await rightsFor(use, vault))?.state]).toEqual([use, 'warning']);
    expect((await rightsFor('ingest', at.vaultOf('console')))?.detail).toContain('insert, update on access_grant');
    await at.run(`grant "${owner}" to "${user('ingest')}"`);
    expect((await rightsFor('ingest'))?.state).toBe('failed');
    await at.run(`revoke "${owner}" from "${user('ingest')}"`);
  });

  it('names each right that is missing, and a process does not start without it', async () => {
    await at.run('revoke insert on comment, amendment from callvault_listen');
    await at.run('revoke update (asked) on replay_question from callvault_listen');
    const missing = 'insert on comment; insert on amendment; update (asked) on replay_question';
    expect(await rightsFor('listen')).toEqual({
      state: 'failed',
      detail: `${user('listen')} lacks ${missing}: run docs/operations/postgres-users.sql`,
    });
    await expect(requireDatabaseRights({ vault: at.vaultOf('listen') })).rejects.toMatchObject({
      code: 'config_invalid',
      message: `the database user ${user('listen')} lacks rights of role listen (${missing}): run docs/operations/postgres-users.sql`,
    });
    await requireDatabaseRights({ vault: at.vaultOf('console') });
  });

  it('says how deleted rows are freed', async () => {
    const step = async (vault: Vault) => (await examined(vault, 'work'))['free deleted rows'];
    expect(await step(at.world.vault)).toEqual({ state: 'ok', detail: 'at once' });
    expect(await step(at.vaultOf('console'))).toMatchObject({ state: 'warning' });
    expect((await examined(at.vaultOf('ingest'), 'ingest'))['free deleted rows']).toBeUndefined();
  });
});
