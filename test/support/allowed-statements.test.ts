// The check of statements against the rights of database users finds what it is there for.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { createApiKey } from '../../src/vault/people/api-keys.ts';
import { needsOf, runAs, takeFindings } from './allowed-statements.ts';
import { makeWorld, type World } from './world.ts';

describe('what a statement needs', () => {
  it.each([
    ['select "a" from "tenant" where "b" = $1', ['select tenant']],
    [
      'select "a" from "session" inner join "recording" on true for share of "session" for update of "recording"',
      ['select session', 'select recording', 'lock session', 'lock recording'],
    ],
    ['select "a" from "tenant" for update', ['select tenant', 'lock tenant']],
    ['insert into "window" ("a") values ($1) on conflict do nothing', ['select window', 'insert window']],
    [
      'insert into "audit_head" ("a") values ($1) on conflict ("a") do update set "size" = $2, "mark" = case when "x" = 1 then 2 end returning "size"',
      ['select audit_head', 'insert audit_head', 'update audit_head size', 'update audit_head mark'],
    ],
    [
      'update "tenant" set "state" = $1, "wrap" = (select "wrap" = 1 from "part") where "tenant" = $2',
      ['select part', 'select tenant', 'update tenant state', 'update tenant wrap'],
    ],
    ['delete from "part" where "tenant" = $1', ['select part', 'delete part']],
    [' with recursive a(b) as (select b from blind_index) select b from a', ['select blind_index']],
  ])('is read from %s', (sql, needs) => {
    const found = needsOf(sql).map(({ table, verb, column }) => [verb, table, column].filter(Boolean).join(' '));
    expect(found).toEqual(needs);
  });

  it('fails for a statement of another form', () => {
    expect(() => needsOf('truncate "tenant"')).toThrow('of another form');
  });
});

describe('a world', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
  });
  afterAll(() => world?.end());

  it('finds what a process of a role did beyond the rights of its user', async () => {
    const { tenant, reviewer } = world.harbour;
    const what = { tenant, principal: reviewer.id, days: 1, scopes: null };
    const create = () =>
      createApiKey(world.vault, operatorActor('op-1'), what, { signal: AbortSignal.timeout(60_000) });
    await runAs('operator', 'a command', create);
    expect(takeFindings()).toEqual([]);
    await runAs('ingest', 'planted', create);
    expect(takeFindings()).toEqual(['ingest: insert on api_key, for planted']);
  });
});
