// PostgreSQL fails in every way, under the whole application: 503 in bounded time, readiness shows it, work in progress
// is cut, nothing is lost, and everything works again afterwards.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { recoverStale } from '../../src/vault/deposit/recover-stale.ts';
import { needs } from '../support/needs.ts';
import { minuteRequest } from '../support/outage.ts';
import { type FaultProxy, startProxy } from '../support/proxy/proxy.ts';
import { freshDatabase, restartPostgres, startPostgres, stopPostgres } from '../support/servers/postgres.ts';
import type { Server } from '../support/servers/process.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

const { present, reason } = needs('postgresql');

/** The bound for a silent server: a call is aborted after twenty seconds, what a deposit leaves after ten more. */
const SILENT_MS = 220_000;
const DEPOSIT_MS = 330_000;
const AWAY = /^database_(unavailable|busy)$/;
/** A deposit may be writing its events when the database fails. */
const AWAY_OR_LOG = /^(database_(unavailable|busy)|audit_unavailable)$/;

describe.skipIf(!present)(`the database fails ${reason}`, () => {
  let folder: string;
  let server: Server;
  let proxy: FaultProxy;
  let world: World;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'callvault-dead-'));
    // PostgreSQL runs as another user below this folder.
    chmodSync(folder, 0o711);
    server = await startPostgres(join(folder, 'postgres'));
  });
  afterAll(() => {
    if (server !== undefined) stopPostgres(server, 'immediate');
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    await world?.end();
    await proxy?.close();
  });

  const ready = async () => {
    const reply = await world.call('GET', '/readyz');
    const { checks } = (await reply.json()) as { checks: { check: string; code?: string }[] };
    return { status: reply.status, code: checks.find(({ check }) => check === 'database')?.code };
  };

  async function expectAway(reply: Response, code: RegExp): Promise<void> {
    const said = (await reply.json()) as { code: string; retryable: boolean };
    expect(said.code).toMatch(code);
    expect({ status: reply.status, retryable: said.retryable }).toEqual({ status: 503, retryable: true });
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  }

  const deaths = {
    'by a crash': {
      die: async () => stopPostgres(server, 'immediate'),
      revive: async () => restartPostgres(server),
    },
    'and rejects connections': {
      die: () => proxy.set({ kind: 'refuse' }),
      revive: () => proxy.set({ kind: 'pass' }),
    },
    'and does not answer': {
      die: () => proxy.set({ kind: 'black-hole' }),
      revive: () => proxy.set({ kind: 'pass' }),
    },
  };

  it.each(Object.entries(deaths))('%s', async (_how, { die, revive }) => {
    proxy = await startProxy(await freshDatabase(server));
    world = await makeWorld({ postgres: proxy.url });
    const { harbour } = world;
    const { uploader, reviewer, supervisor } = harbour;
    const audio = wav(20_000_000);
    const recording = await world.deposited(harbour, 'there', audio);
    const session = await world.session(harbour, await world.grant(harbour, recording));
    const media = (url = '') =>
      url === ''
        ? world.call('GET', `/v1/sessions/${session}/media`, { key: reviewer.key })
        : fetch(`${url}/v1/sessions/${session}/media`, { headers: { authorization: `Bearer ${reviewer.key}` } });
    expect(await ready()).toEqual({ status: 200, code: undefined });

    // A reply and an upload are in progress.
    const { url } = await world.listen();
    const reader = (await media(url)).body?.getReader();
    let heard = (await reader?.read())?.value?.length ?? 0;
    const rest = async (): Promise<void> => {
      for (let next = await reader?.read(); next?.done === false; next = await reader?.read())
        heard += next.value.length;
    };
    let goOn = (): void => undefined;
    const dead = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const pieces = async function* (): AsyncGenerator<Uint8Array> {
      yield audio.subarray(0, 9_000_000);
      await dead;
      yield audio.subarray(9_000_000);
    };
    const source = pieces();
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await source.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
    });
    const headers = { 'content-length': String(audio.length) };
    const uploading = world.call('PUT', '/v1/ingest/pbx/cut', { key: uploader.key, type: 'audio/wav', headers, body });
    await sleep(500);

    await die();
    const start = performance.now();
    goOn();
    const cut = rest().then(
      () => 'whole',
      () => 'cut',
    );
    // Readiness polled as by a load balancer: it shows the failure within two seconds.
    for (let said = await ready(); said.status === 200; said = await ready()) {
      await sleep(100);
    }
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(await ready()).toMatchObject({ status: 503, code: expect.stringMatching(AWAY) });
    expect((await world.call('GET', '/healthz')).status).toBe(200);

    const describing = {
      key: uploader.key,
      json: { source: 'pbx', call_id: 'described' },
      headers: { 'idempotency-key': 'once' },
    };
    const wish = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 5 };
    const calls = [
      world.call('GET', '/v1/recordings', { key: reviewer.key }),
      world.call('POST', '/v1/recordings/search', { key: supervisor.key, json: { agent: 'a' } }),
      world.call('POST', '/v1/recordings', describing),
      world.call('POST', '/v1/access-requests', { key: reviewer.key, json: wish }),
      world.ingest(harbour, 'new', wav(1000)),
      media(),
    ];
    const since = performance.now();
    for (const reply of await Promise.all(calls)) await expectAway(reply, AWAY);
    expect(performance.now() - since).toBeLessThan(SILENT_MS);
    await expectAway(await uploading, AWAY_OR_LOG);
    expect(performance.now() - start).toBeLessThan(DEPOSIT_MS);
    expect(await cut).toBe('cut');
    expect(heard).toBeLessThan(audio.length);

    await revive();
    await expect.poll(async () => (await ready()).status, { interval: 200 }).toBe(200);
    // Every byte that was served had been counted before.
    const counted = await world.vault.db.read((rows) => rows.sessions.find(harbour.tenant, session), minuteRequest());
    expect(counted?.bytes).toBeGreaterThanOrEqual(heard);
    expect(counted?.bytes).toBeLessThan(audio.length);
    // An acknowledged deposit exists, and any other exists once after a retry.
    expect(Buffer.from(await (await media()).arrayBuffer()).equals(audio)).toBe(true);
    for (const replayed of ['', 'true']) {
      const reply = await world.call('POST', '/v1/recordings', describing);
      expect(reply.status).toBe(201);
      expect(reply.headers.get('idempotency-replayed') ?? '').toBe(replayed);
    }
    expect((await world.ingest(harbour, 'new', wav(1000))).status).toBe(201);
    world.forward(61_000);
    await recoverStale(world.vault, minuteRequest());
    expect(await world.vault.db.read((rows) => rows.deposits.stale('9999', 10), minuteRequest())).toEqual([]);
    expect((await world.ingest(harbour, 'cut', audio)).status).toBe(201);
    const list = await world.call('GET', '/v1/recordings', { key: reviewer.key });
    expect(((await list.json()) as { data: unknown[] }).data).toHaveLength(4);
  });
});
