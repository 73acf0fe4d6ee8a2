// A tenant whose log is ahead of the clock: nothing of it is served or changed, and the others do not notice. An edit of the
// time in its head moves nothing.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSqlite } from '../../src/adapters/sql/sqlite.ts';
import type { Wait } from '../../src/ports/object-store.ts';
import { event, systemActor } from '../../src/vault/core/events/events.ts';
import { freshOpenedCall } from '../support/opened-call.ts';
import { wav } from '../support/wav.ts';
import { expectProblem } from './problem.ts';

const call = freshOpenedCall();
const HOUR_MS = 3_600_000;
const wait = (): Wait => ({ signal: AbortSignal.timeout(600_000) });
const piece = () => call.get(`/v1/sessions/${call.session}/media`, 'reviewer', { range: 'bytes=0-65535' });

/** Another handle on the database, by a clock that is this far ahead. */
async function handle(aheadMs: number) {
  const { clock } = call.world.vault;
  return openSqlite(join(call.world.folder, 'vault.db'), {
    clock: { ...clock, now: () => clock.now() + aheadMs },
    identity: { origin: call.world.vault.settings.origin, node: 'node-2' },
    fatal: (error) => {
      throw error;
    },
  });
}

it('answers 503 with the reason, in readiness too, while other tenants go on', async () => {
  const { world, harbour } = call;
  const { yunhai } = world;
  expect((await piece()).status).toBe(206);
  const ahead = await handle(HOUR_MS);
  const read = event(harbour.tenant, systemActor(world.vault.settings), 'log.read', { id: harbour.tenant }, {});
  await ahead.change(async () => ({ result: null, events: [read] }), { ...wait(), tenant: harbour.tenant });
  await ahead.close();
  const refused = await piece();
  await expectProblem(refused.clone(), 503, 'clock_differs');
  expect(refused.headers.get('retry-after')).toBe('60');
  expect(((await refused.json()) as { detail: string }).detail).toContain('(59 minutes)');
  await expectProblem(await call.get('/v1/recordings'), 503, 'clock_differs');
  await expectProblem(await world.ingest(harbour, 'later', wav(100)), 503, 'clock_differs');
  expect((await world.ingest(yunhai, 'other', wav(100))).status).toBe(201);
  expect((await world.call('GET', '/v1/recordings', { key: yunhai.reviewer.key })).status).toBe(200);
  world.forward(1_001);
  const ready = (await (await world.call('GET', '/readyz')).json()) as { checks: object[] };
  expect(ready.checks).toContainEqual(expect.objectContaining({ check: 'log', state: 'degraded', ahead: 1 }));
});

it('moves no time by an edited head, of the same log or another', async () => {
  const { world, harbour } = call;
  const { yunhai } = world;
  const { default: Sqlite } = await import('better-sqlite3');
  const file = new Sqlite(join(world.folder, 'vault.db'));
  const newest = async () => {
    const size = await world.vault.db.read((rows) => rows.log.size(harbour.tenant), wait());
    const [last] = await world.vault.db.read((rows) => rows.log.events(harbour.tenant, size - 1, 1), wait());
    return (JSON.parse(Buffer.from(last?.leaf ?? '').toString()) as { ts: string }).ts;
  };
  for (const log of [yunhai.tenant, harbour.tenant]) {
    file.prepare('update audit_head set mark = ? where log = ?').run('2040-01-01T00:00:00.000Z', log);
    expect((await piece()).status).toBe(206);
    expect((await world.ingest(harbour, `after-${log}`, wav(100))).status).toBe(201);
    expect(Date.parse(await newest()) - world.vault.clock.now()).toBeLessThan(1_000);
  }
  file.close();
});
