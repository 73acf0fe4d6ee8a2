// The database user of ingest processes from docs/operations/running.md: it can deposit and cannot grant access.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { createApp } from '../../src/http/app.ts';
import type { Database } from '../../src/ports/database.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { createApiKey } from '../../src/vault/people/api-keys.ts';
import { needs } from '../support/needs.ts';
import { withOtherConnection } from '../support/postgres-database.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { wavOf } from '../support/vault.ts';
import { makeWorld, type World } from '../support/world.ts';

const { present, reason } = needs('postgresql');
const BLOCK = /```sql\n(create role [\s\S]*?)```/.exec(readFileSync('docs/operations/running.md', 'utf8'))?.[1] ?? '';

let world: World;
let db: Database;
beforeAll(async () => {
  if (!present) return;
  const url = await freshDatabase(await serverOf('postgresql'));
  world = await makeWorld({ postgres: url });
  await withOtherConnection(url, async (client) => {
    await client.query('drop role if exists callvault_ingest').catch(() => undefined);
    await client.query(BLOCK);
  });
  const other = new URL(url);
  other.username = 'callvault_ingest';
  const identity = { origin: 'vault.example', node: 'node-2' };
  db = await openPostgres(other.href, { clock: world.vault.clock, identity });
});
afterAll(async () => {
  await db?.close();
  await world?.end();
});

it.skipIf(!present)(`deposits, and cannot write a row that grants access ${reason}`, async () => {
  const vault = { ...world.vault, db };
  const app = createApp(vault, () => undefined, { https: false, readiness: world.ready, docs: () => null } as never);
  const { uploader, tenant, reviewer } = world.harbour;
  const headers = { authorization: `Bearer ${uploader.key}`, 'content-type': 'audio/wav' };
  const sent = { method: 'PUT', headers, body: new Uint8Array(wavOf(4_000)) };
  expect((await app.request('/v1/ingest/pbx/one', sent)).status).toBe(201);
  const what = { tenant, principal: reviewer.id, days: 1, scopes: null };
  const request = { signal: AbortSignal.timeout(600_000) };
  await expect(createApiKey(vault, operatorActor('op-1'), what, request)).rejects.toThrow();
  // The owner's user may do the same: the denial is due to the user.
  expect((await createApiKey(world.vault, operatorActor('op-1'), what, request)).id).toMatch(/^key_/);
});
