// A deployment's files and log hold no content, no personal data and no key in clear, in any encoding.
import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import SqliteFile from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SecretKey } from '../../src/envelope/secret-key.ts';
import type { Tenant } from '../../src/model/tenant.ts';
import type { KeyService } from '../../src/ports/key-service.ts';
import { unwrapMetadataKey } from '../../src/vault/core/keys-in-memory/metadata-keys.ts';
import { tenantKeks } from '../../src/vault/core/keys-in-memory/tenant-keks.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { unwrapDataKey } from '../../src/vault/core/wrapped-keys/data-keys.ts';
import { api, requestAndOpen, wavHeader } from '../support/fault-client.ts';
import {
  composeDeployment,
  createStaffedTenant,
  type Deployment,
  minuteSignal,
  newDeployment,
  type StaffedTenant,
  startServer,
} from '../support/fault-deployment.ts';
import { type Canary, scanBytes, scanFolder, searchPatternsOf, textCanary } from '../support/leak-scanner.ts';
import { startGeneration } from '../support/volume.ts';

const AUDIO = randomBytes(48);
const SAID = {
  transcript: 'zibeline quartz transcript canary',
  number: '+442079461357',
  'call id': 'call-canary-7f3e9a51',
  'file name': 'canary-recording-name-2b6d.wav',
  comment: 'canary comment nobody else may read',
  'comment after': 'canary comment as it was changed',
  reason: 'canary reason why I must hear this',
  ticket: 'TICKET-canary-88412',
  agent: 'agent.canary.ottoline',
  queue: 'queue.canary.persimmon',
  admin: 'Annabel Canarywright',
  approver: 'Suzette Canarybrook',
  reviewer: 'Ritamary Canarystone',
  'admin 2': 'Jun Canaryfield',
  'approver 2': 'Wei Canaryford',
  'reviewer 2': 'Mei Canaryhurst',
} as const;
const SPELT = ['02079461357', '2079461357', '020 7946 1357'];

const canaries: Canary[] = [
  { name: 'audio', bytes: AUDIO, text: false },
  ...Object.entries(SAID).map(([name, text]) => textCanary(name, text)),
  ...SPELT.map((text) => textCanary(`number as ${text}`, text)),
];
const keys: Canary[] = [];
let deployment: Deployment;

function collect(name: string, key: SecretKey): void {
  key.use((bytes) => keys.push({ name, bytes: Buffer.from(bytes), text: false }));
}

/** A key service that shows this test each key it returns. */
function spying(real: KeyService): KeyService {
  return {
    ...real,
    generateDataKey: async (...given) => {
      const made = await real.generateDataKey(...given);
      collect(`made ${keys.length}`, made.dataKey);
      return made;
    },
    unwrap: async (...given) => {
      const key = await real.unwrap(...given);
      collect(`unwrapped ${keys.length}`, key);
      return key;
    },
  };
}

async function put(url: string, secret: string, type: string, body: Uint8Array, more: Record<string, string> = {}) {
  const headers = { authorization: `Bearer ${secret}`, 'content-type': type, ...more };
  const response = await fetch(url, { method: 'PUT', headers, body: Uint8Array.from(body) });
  return { status: response.status, said: await response.text() };
}

/** A day of a tenant's people, with a canary in every text that they can enter. */
async function work(url: string, who: StaffedTenant): Promise<void> {
  const audio = Buffer.concat([wavHeader(100_000), Buffer.alloc(100_000).fill(AUDIO)]);
  const meta = {
    'Vault-Meta-From': encodeURIComponent(SAID.number),
    'Vault-Meta-Agent': SAID.agent,
    'Vault-Meta-Queue': SAID.queue,
    'Vault-Meta-Ticket': SAID.ticket,
    'Vault-Meta-File-Name': SAID['file name'],
  };
  const ingest = `${url}/v1/ingest/pbx/${SAID['call id']}`;
  const done = await put(ingest, who.depositor, 'audio/wav', audio, meta);
  expect(done).toMatchObject({ status: 201 });
  const { recording }: { recording: string } = JSON.parse(done.said);
  const segments = [{ start_ms: 0, end_ms: 900, channel: 0, text: SAID.transcript }];
  const transcript = Buffer.from(JSON.stringify({ v: 1, language: 'en-GB', segments }));
  const at = `${url}/v1/recordings/${recording}/transcripts/en-GB`;
  const type = 'application/vnd.callvault.transcript+json';
  expect(await put(at, who.depositor, type, transcript)).toMatchObject({ status: 201 });

  const reader = who.reviewer;
  for (const number of [SAID.number, '020 7946 1357']) {
    const { data } = await api<{ data: unknown[] }>(`${url}/v1/recordings/search`, reader, 'POST', { number });
    expect(data).toHaveLength(1);
  }
  await api(`${url}/v1/recordings/search`, reader, 'POST', { agent: SAID.agent, ticket: SAID.ticket });
  const session = await requestAndOpen(url, who, recording, SAID.reason);
  const media = await fetch(`${url}/v1/sessions/${session}/media`, { headers: { authorization: `Bearer ${reader}` } });
  expect(Buffer.from(await media.arrayBuffer()).equals(audio)).toBe(true);
  const read = await fetch(`${url}/v1/sessions/${session}/transcripts/en-GB`, {
    headers: { authorization: `Bearer ${reader}` },
  });
  expect(await read.text()).toContain(SAID.transcript);
  const comments = `${url}/v1/sessions/${session}/comments`;
  const comment = { start_ms: 10, category: 'note', visibility: 'team', text: SAID.comment };
  const { id } = await api<{ id: string }>(comments, reader, 'POST', comment);
  await api(`${comments}/${id}`, reader, 'PUT', { ...comment, text: SAID['comment after'] });
  const { data } = await api<{ data: { text: string }[] }>(comments, reader, 'GET');
  expect(data.map(({ text }) => text)).toEqual([SAID['comment after']]);
  await api(`${url}/v1/recordings/${recording}/activity`, reader, 'GET');

  // Failures too: each error could repeat its input.
  await put(ingest, who.depositor, 'audio/wav', Buffer.concat([audio, AUDIO]), meta);
  await put(`${url}/v1/ingest/pbx/${SAID['call id']}%0A`, who.depositor, 'audio/wav', audio, meta);
  await put(`${ingest}-2`, who.depositor, 'audio/mpeg', audio, meta);
  await put(at, who.depositor, type, Buffer.from(`{"${SAID.transcript}":`));
  await put(ingest, SAID.reason, 'audio/wav', audio, { ...meta, 'Vault-Meta-Direction': SAID.agent });
  const wrong = { recording, purpose: 'quality', reason: SAID.reason, ticket: SAID.ticket, minutes: 999 };
  await expect(api(`${url}/v1/access-requests`, reader, 'POST', wrong)).rejects.toThrow();
  await expect(api(comments, reader, 'POST', { ...comment, category: SAID.comment })).rejects.toThrow();
  await expect(api(comments, reader, 'POST', { ...comment, [SAID.comment]: 1 })).rejects.toThrow();
  await expect(api(`${url}/v1/recordings/search`, reader, 'POST', { [SAID.agent]: SAID.number })).rejects.toThrow();
}

/** Collects every data key that the rows name: those under a tenant KEK do not come from the key service. */
async function collectKeys(vault: Pick<Vault, 'keys' | 'tenantKeks'>): Promise<void> {
  const file = new SqliteFile(deployment.database, { readonly: true });
  type Row = {
    tenant: string;
    id: string;
    recording: string;
    scheme: 'keyring' | 'tenant-kek';
    keyId: string;
    wrap: number;
    wrapped: Buffer;
    envelopeWrap: number;
  };
  const query = `select d.tenant, d.id, d.recording, k.scheme, k.key_id as keyId, k.wrap, k.wrapped, k.envelope_wrap as envelopeWrap
    from wrapped_key k join deposit d on d.tenant = k.tenant and d.id = k.deposit`;
  const rows = file.prepare(query).all() as Row[];
  file.close();
  expect(rows.map(({ scheme }) => scheme).sort()).toEqual(['keyring', 'keyring', 'tenant-kek', 'tenant-kek']);
  for (const row of rows) {
    const of = { tenant: row.tenant, minimumWrap: 1 };
    collect(`data key ${row.id}`, await unwrapDataKey(vault, of, row, { ...row, deposit: row.id }, minuteSignal()));
  }
}

let log = '';

beforeAll(async () => {
  deployment = await newDeployment();
  const { vault, close } = await composeDeployment(deployment);
  const spied = { ...vault, keys: spying(vault.keys) };
  const [a, b, c] = [SAID.admin, SAID.approver, SAID.reviewer];
  const first = await createStaffedTenant(spied, 'Harbour Bank', { admin: a, approver: b, reviewer: c });
  const others = { admin: SAID['admin 2'], approver: SAID['approver 2'], reviewer: SAID['reviewer 2'] };
  const second = await createStaffedTenant(spied, 'Yunhai Travel', others);
  // In volume mode, with one rotation of its KEK.
  for (let time = 0; time < 2; time++) await startGeneration(spied, second.tenant, true);
  await close();
  const server = await startServer(deployment);
  for (const who of [first, second]) await work(server.url, who);
  // Killed, not stopped: the write-ahead log stays as it was.
  await server.kill();
  log = server.log();
  await writeFile(join(deployment.folder, 'server.log'), log);
  const tenants = await composeDeployment(deployment);
  const service = spying(tenants.vault.keys);
  const again = { ...tenants.vault, keys: service, tenantKeks: tenantKeks({ ...tenants.vault, keys: service }) };
  await collectKeys(again);
  for (const tenant of await again.db.read((rows) => rows.tenants.all(), minuteSignal())) {
    await unwrapMetadataKey(service, tenant as Tenant, minuteSignal());
  }
  again.tenantKeks.close();
  await tenants.close();
  const root = await readFile(deployment.env['CALLVAULT_KEYRING_ROOT'] ?? '');
  keys.push({ name: 'root key', bytes: root, text: false });
  for (const secret of [first, second].flatMap((who) => [who.depositor, who.reviewer, who.approver])) {
    keys.push(textCanary('API key', secret));
  }
});

afterAll(() => deployment.remove());

describe('a used deployment', () => {
  it('left nothing in clear in its blobs, names, database, keyring, log and folders', async () => {
    expect(log).toContain('request rejected');
    // Data keys, what the key service returned (metadata keys and KEKs, made and opened), root key, API keys.
    expect(keys.length).toBeGreaterThanOrEqual(4 + (2 + 2) + (2 + 1) + 1 + 6);
    expect(await scanFolder(deployment.folder, [...canaries, ...keys], ['root/root.key'])).toEqual([]);
  });

  const planted = textCanary('planted', 'planted canary +44 20');
  const secret: Canary = { name: 'planted', bytes: randomBytes(32), text: false };
  const places = {
    blob: (bytes: Buffer) => writeFile(join(deployment.store, 'planted-blob'), bytes),
    'log line': (bytes: Buffer) =>
      appendFile(
        join(deployment.folder, 'server.log'),
        Buffer.concat([Buffer.from('{"msg":"'), bytes, Buffer.from('"}\n')]),
      ),
    'temporary file': async (bytes: Buffer) => {
      await mkdir(join(deployment.store, '.staging'), { recursive: true });
      await writeFile(join(deployment.store, '.staging', 'planted'), Buffer.concat([randomBytes(100), bytes]));
    },
    'database row': async (bytes: Buffer) => {
      const file = new SqliteFile(deployment.database);
      file.exec('create table if not exists planted (value blob)');
      file.prepare('insert into planted values (?)').run(bytes);
      file.close();
    },
  };
  const forms = [planted, secret].flatMap((canary) =>
    searchPatternsOf(canary).flatMap(({ form, bytes }) => [
      { canary, form, packed: false, bytes },
      { canary, form, packed: true, bytes: gzipSync(bytes) },
    ]),
  );

  it.each(Object.entries(places))('would show a leak in a %s, in every form', async (_, plant) => {
    for (const { canary, form, packed, bytes } of forms) {
      await plant(bytes);
      const found = await scanFolder(deployment.folder, [canary]);
      const here = found.filter((leak) => leak.place.endsWith('(gzip)') === packed);
      expect(here.map((leak) => leak.form)).toContain(form);
    }
  });

  it('would show a leak in a file name, plain, hex or base64', async () => {
    for (const name of ['planted canary +44 20', planted.bytes.toString('hex'), planted.bytes.toString('base64url')]) {
      await writeFile(join(deployment.folder, `x-${name}`), '');
      expect((await scanFolder(deployment.folder, [planted])).map((leak) => leak.place).join()).toContain(name);
    }
  });

  it('is scanned for base64 at each alignment', () => {
    for (const before of ['', 'a', 'ab', 'abc']) {
      const bytes = Buffer.from(
        Buffer.concat([Buffer.from(before), secret.bytes, Buffer.from('z')]).toString('base64'),
      );
      expect(scanBytes('here', bytes, searchPatternsOf(secret))).not.toEqual([]);
    }
  });
});
