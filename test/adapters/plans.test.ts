// SQLite query plans of lists, searches and background work: none reads a whole table or tenant.
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { recoverStale } from '../../src/vault/deposit/recover-stale.ts';
import { continueErasures } from '../../src/vault/erasure/continue-erasures.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { olderErasures } from '../../src/vault/erasure/list-older.ts';
import { replayTombstones } from '../../src/vault/erasure/replay-tombstones.ts';
import { expireAccess } from '../../src/vault/listening/expire-access.ts';
import { expireSignIns } from '../../src/vault/sign-in/expire.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

/** Tables that grow with the number of recordings; a log has one head. */
const GROWING =
  /^(recording|deposit|object|part|wrapped_key|blind_index|audit_(?!head$)\w+|session|access_request|access_grant|decision|comment|sign_in|erasure)$/;
/** Partial indexes of the few rows that background work needs: reading one completely is intended. */
const OF_FEW = /^(deposit_unsettled|session_live|request_open|grant_open|sign_in_due|erasure_due)$/;

type Step = { readonly detail: string };

/** Steps of a plan whose cost grows with the table or the tenant. */
function costly(sql: string, plan: readonly string[]): string[] {
  const ends = / limit /.test(sql) && !plan.some((step) => step.startsWith('USE TEMP B-TREE FOR ORDER BY'));
  return plan.filter((step) => {
    const [, how, table = '', index = ''] =
      /^(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(step) ?? [];
    if (!GROWING.test(table) || OF_FEW.test(index)) return false;
    if (how === 'SCAN') return true;
    // A page in index order ends after its rows; a sort, or a query without a limit, reads the whole tenant.
    return /\((tenant|log)=\?\)$/.test(step) && !ends;
  });
}

describe('the plans of SQLite', () => {
  const statements = new Set<string>();
  const { prepare } = SqliteFile.prototype;
  let world: World;
  const explained = (sql: string): string[] => {
    const values = Array.from({ length: sql.match(/\?/g)?.length ?? 0 }, () => 'x');
    return (world.sql.prepare(`explain query plan ${sql}`).all(...values) as Step[]).map(({ detail }) => detail);
  };

  beforeAll(async () => {
    SqliteFile.prototype.prepare = function (this: SqliteFile.Database, sql: string) {
      statements.add(sql);
      return prepare.call(this, sql);
    } as typeof prepare;
    world = await makeWorld();
    // Migrations read whole tables, once.
    statements.clear();
    await world.person(world.harbour.tenant, ['reviewer']);
    const { harbour, call } = world;
    const headers = { 'vault-meta-from': '%2B442079460123', 'vault-meta-agent': 'A1', 'vault-meta-language': 'en-GB' };
    const recording = await world.deposited(harbour, 'one', wav(16_000), headers);
    const session = await world.session(harbour, await world.grant(harbour, recording));
    const read = async (path: string, who: keyof typeof harbour = 'reviewer'): Promise<void> => {
      const someone = harbour[who];
      if (typeof someone === 'string') return;
      const reply = await call('GET', path, { key: someone.key });
      await reply.arrayBuffer();
      expect(reply.status, path).toBe(200);
    };
    const filters = [
      ...['state=quarantined', 'state=available', 'state=erased', 'state=expected'],
      ...['mine=listen', 'mine=pending', 'mine=over', 'language=en-GB', 'direction=inbound'],
    ];
    for (const filter of ['', ...filters]) await read(`/v1/recordings?${filter}`);
    for (const json of [{ number: '+442079460123' }, { number_end: '0123' }, { agent: 'A1' }, { queue: 'Q' }]) {
      const found = await call('POST', '/v1/recordings/search', { key: harbour.reviewer.key, json });
      expect(found.status).toBe(200);
      await found.arrayBuffer();
    }
    await read(`/v1/recordings/${recording}`);
    await read(`/v1/recordings/${recording}/activity`);
    await read(`/v1/recordings/${recording}/access?purpose=quality`);
    await read(`/v1/sessions/${session}/media`);
    await read(`/v1/sessions/${session}/comments`);
    for (const who of ['reviewer', 'supervisor'] as const)
      for (const path of ['/v1/access-requests', '/v1/access-requests?mine=true', '/v1/grants']) await read(path, who);
    await read('/v1/audit/events', 'auditor');
    const request = { signal: AbortSignal.timeout(600_000) };
    const what = { tenant: harbour.tenant, recording, reason: 'request' } as const;
    await eraseRecording(world.vault, operatorActor('op-1'), what, request);
    for (const round of [recoverStale, expireAccess, expireSignIns, continueErasures, replayTombstones])
      await round(world.vault, request);
    await olderErasures(world.vault)(request);
    await world.vault.db.read((rows) => rows.erasures.listsAfter(harbour.tenant, '', 9), request);
  });
  afterAll(async () => {
    SqliteFile.prototype.prepare = prepare;
    await world?.end();
  });

  it('read no whole table or tenant', () => {
    const looked = [...statements].filter((sql) => /^(select|update|delete) /.test(sql));
    expect(looked.length).toBeGreaterThan(40);
    const found = looked.flatMap((sql) => costly(sql, explained(sql)).map((step) => `${step}: ${sql.slice(0, 200)}`));
    expect(found).toEqual([]);
  });

  it('use statistics that an analyze of empty tables does not replace', () => {
    const stats = world.sql.prepare('select idx, stat from sqlite_stat1').all() as { idx: string; stat: string }[];
    expect(stats.find(({ idx }) => idx === 'deposit_recording')?.stat).toMatch(/^1500000 /);
  });

  it('would read a whole tenant without them', () => {
    world.sql.exec('delete from sqlite_stat1; analyze sqlite_schema');
    const list = [...statements].find((sql) => /from "deposit" where .*"recording" in \(/.test(sql)) ?? '';
    expect(costly(list, explained(list))).not.toEqual([]);
  });
});
