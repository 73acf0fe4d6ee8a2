// Metrics of a working vault: counts, and labels with few values and no personal data.
import { beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createApp } from '../../src/http/app.ts';
import { createMetricsApp } from '../../src/http/metrics-app.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { createApiKey } from '../../src/vault/people/api-keys.ts';
import { environmentOf, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const opened = sharedVault();
let app: ReturnType<typeof createApp>;
let ops: ReturnType<typeof createMetricsApp>;
let uploader: string;
beforeAll(async () => {
  const { vault, registry, readiness, measures, tenant, request } = opened;
  app = createApp(vault, measures.answered, { readiness });
  ops = createMetricsApp({ type: registry.contentType, text: () => registry.metrics() }, readiness);
  const early = await ops.request('/readyz');
  expect([early.status, await early.json()]).toMatchObject([503, { status: 'starting' }]);
  readiness.begin();
  const by = operatorActor('op-1');
  const all = await vault.db.read((rows) => rows.principals.all(tenant), request);
  const approver = all.find(({ roles }) => roles.includes('supervisor'))?.id ?? '';
  const service = { tenant, kind: 'service', name: 'pbx', roles: ['uploader'], owners: [approver] } as const;
  const principal = await addPrincipal(vault, by, service, request);
  uploader = (await createApiKey(vault, by, { tenant, principal, days: 1, scopes: null }, request)).secret;
});

const put = (call: string, body: Buffer, key = uploader) => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'audio/wav', 'vault-meta-agent': 'secretword' };
  return app.request(`/v1/ingest/pbx/${call}`, { method: 'PUT', headers, body: new Uint8Array(body) });
};

it('counts deposits, rejections, port calls and events, by pattern, class and code', async () => {
  expect((await put('%2B442079460123', wavOf(5000))).status).toBe(201);
  expect((await put('%2B442079460123', wavOf(5000))).status).toBe(200);
  expect((await put('%2B442079460123', wavOf(6000))).status).toBe(422);
  expect((await put('442079460123', wavOf(10), 'cv_secretword')).status).toBe(401);
  await app.request('/v1/secretword/442079460123', { method: 'BREW' });
  const reply = await ops.request('/metrics');
  expect(reply.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await reply.text();
  for (const line of [
    'callvault_ingest_bytes_total 5044',
    'callvault_ingest_failures_total{code="call_differs"} 1',
    'callvault_ingest_failures_total{code="unauthenticated"} 1',
    'callvault_http_requests_total{route="/v1/ingest/:source/:callId",method="PUT",status="2xx"} 2',
    'callvault_http_requests_total{route="/v1/ingest/:source/:callId",method="PUT",status="4xx"} 2',
    'callvault_http_requests_total{route="/*",method="other",status="4xx"} 1',
    'callvault_http_request_duration_seconds_count{route="/v1/ingest/:source/:callId",method="PUT"} 4',
    'callvault_audit_events_total{action="deposit.available",outcome="ok"} 1',
    'callvault_key_service_requests_total{op="generateDataKey",result="ok"} 2',
    'callvault_store_requests_total{op="read",result="ok"} 2',
    'callvault_integrity_failures_total{where="request"} 0',
    'callvault_sessions_live 0',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
  expect(text).not.toMatch(/secretword|442079460123|ten_|rec_|svc_|callvault-test-/);
});

it('counts a stored recording that fails its check, although the caller gets store_unavailable', async () => {
  const read = opened.vault.store.read;
  // Damages the blob between writing and reading it back.
  Object.assign(opened.vault.store, {
    read: async function* (...given: Parameters<typeof read>) {
      for await (const piece of read(...given)) yield Buffer.from(piece).fill(1, 100, 101);
    },
  });
  expect((await put('spoilt', wavOf(5000))).status).toBe(503);
  Object.assign(opened.vault.store, { read });
  const text = await (await ops.request('/metrics')).text();
  expect(text).toContain('callvault_integrity_failures_total{where="request"} 1');
});

it('shows the entries without a blob, from the first round that stores entries on', async () => {
  const shown = async () => {
    const text = await (await ops.request('/metrics')).text();
    return text.split('\n').filter((line) => line.startsWith('callvault_entries_'));
  };
  expect(await shown()).toEqual([]);
  opened.measures.backlog({ entries: 0, oldest: null });
  const [count, age] = ['callvault_entries_without_blob', 'callvault_entries_without_blob_age_seconds'];
  expect(await shown()).toEqual([`${count} 0`, `${age} 0`]);
  opened.measures.backlog({ entries: 12, oldest: new Date(Date.now() - 90_000).toISOString() });
  expect(await shown()).toEqual([`${count} 12`, expect.stringMatching(new RegExp(`^${age} 9\\d`))]);
});

it('shows the recordings to index, from the first round that indexes them on', async () => {
  const shown = async () => {
    const text = await (await ops.request('/metrics')).text();
    return text.split('\n').filter((line) => line.startsWith('callvault_recordings_to_index'));
  };
  expect(await shown()).toEqual([]);
  opened.measures.unindexed(7);
  expect(await shown()).toEqual(['callvault_recordings_to_index 7']);
  opened.measures.unindexed(0);
  expect(await shown()).toEqual(['callvault_recordings_to_index 0']);
});

it('serves metrics on their own port only', async () => {
  expect((await app.request('/metrics')).status).toBe(404);
  expect((await ops.request('/v1/recordings')).status).toBe(404);
  expect((await ops.request('/metrics', { method: 'POST' })).status).toBe(405);
  expect((await ops.request('/readyz')).status).toBe(200);
  const env = environmentOf('/nowhere');
  expect(readConfig(env).metricsListen).toEqual({ host: '127.0.0.1', port: 9464 });
  expect(readConfig({ ...env, CALLVAULT_METRICS_LISTEN: 'off' }).metricsListen).toBeNull();
  expect(readConfig({ ...env, CALLVAULT_METRICS_LISTEN: '::1:9000' }).metricsListen).toEqual({
    host: '::1',
    port: 9000,
  });
  expect(() => readConfig({ ...env, CALLVAULT_METRICS_LISTEN: 'on' })).toThrow(
    /CALLVAULT_METRICS_LISTEN must be host:port/,
  );
});
