// The relay as a process beside the real service: outage, kills, and what its folders and its log show.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { logName } from '../../src/model/audit-event.ts';
import { verifiersOf } from '../../src/vault/core/proofs/verifier-keys.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { api, playbackDigest } from '../support/fault-client.ts';
import {
  composeDeployment,
  createStaffedTenant,
  type Deployment,
  minuteSignal,
  newDeployment,
  type Server,
  type StaffedTenant,
  startServer,
} from '../support/fault-deployment.ts';
import { scanBytes, scanFolder, searchPatternsOf, textCanary } from '../support/leak-scanner.ts';
import { newRelay, type RelayFixture } from '../support/relay.ts';
import { signerFile } from '../support/signer-file.ts';
import { until } from '../support/until.ts';
import { wavHeader } from '../support/wav.ts';

let deployment: Deployment;
let people: StaffedTenant;
let verifierKey: string;
let server: Server | undefined;
let relay: RelayFixture;

beforeAll(async () => {
  deployment = await newDeployment();
  const signed = { ...deployment.env, CALLVAULT_SIGNER: signerFile(`${deployment.folder}/signer.pem`) };
  deployment = { ...deployment, env: signed, config: readConfig(signed) };
  const { vault, close } = await composeDeployment(deployment);
  people = await createStaffedTenant(vault, 'Harbour Bank');
  await maintainIngestKeys(vault, minuteSignal());
  const { signer, settings } = vault;
  if (signer === null) throw new Error('the deployment has no signer');
  verifierKey = verifiersOf(signer, logName(settings.origin, people.tenant))[0] ?? '';
  await close();
});

afterAll(async () => {
  await relay?.remove();
  await server?.kill();
  await deployment?.remove();
});

/** A call of 40 kB that names itself. */
function call(name: string): Buffer {
  const sound = randomBytes(40_000);
  sound.write(`spoken words of ${name}`, 1_000);
  return Buffer.concat([wavHeader({ coding: 'pcm16', channels: 2, size: sound.length }), sound]);
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

type Listed = { readonly data: readonly { readonly id: string; readonly call_id: string }[] };

/** Recordings by call id. */
async function stored(url: string): Promise<Map<string, string>> {
  const { data } = await api<Listed>(`${url}/v1/recordings?limit=100`, people.reviewer, 'GET');
  return new Map(data.map(({ id, call_id: callId }) => [callId, id]));
}

describe('a relay', () => {
  const calls = new Map<string, Buffer>(['1001', '1002', '1003'].map((name) => [`pbx-call-${name}`, call(name)]));
  const numbers = { from: '+442079460123', to: '+8613800138000', agent: 'Agent Wanda Zoltan' };

  it('accepts the key that the pinned signer signed, and uploads calls', async () => {
    server = await startServer(deployment);
    relay = newRelay({ url: server.url, tenant: people.tenant, secret: people.depositor });
    relay.configure({ verifier_key: verifierKey });
    const running = relay.start();
    await until('the key was accepted', () => running.log().includes('ingest key accepted'), { seen: running.log });
    const check = await relay.run('check');
    expect(check.out).toMatch(/✓ spool: .*\n✓ folder .*pbx: .*\n✓ vault: ingest key ink_\w+, fingerprint/);
    expect(check.code).toBe(0);
    const first = call('first');
    relay.record('first.wav', first, { call_id: 'first', ...numbers });
    await until('it was uploaded', () => running.log().includes('"uploaded"'), { seen: running.log });
    const ids = await stored(server.url);
    expect(await playbackDigest(server.url, people, ids.get('first') ?? '')).toBe(digestOf(first));
    expect(relay.plaintext()).toEqual([]);
    expect(relay.sealed()).toEqual([]);
    expect((await relay.run('status')).out).toMatch(/^running {6}yes\n/);
    expect(await running.stop()).toBe(0);
  });

  it('seals calls while the vault is down; spool, names, status and log show nothing of them', async () => {
    await server?.kill();
    const running = relay.start();
    for (const [id, audio] of calls) relay.record(`${numbers.from}-${id}.wav`, audio, { call_id: id, ...numbers });
    await until('all are sealed', () => relay.sealed().length === 3 && relay.plaintext().length === 0, {
      seen: running.log,
    });
    await until('an upload failed', () => running.log().includes('unreachable'), { seen: running.log });
    const status = await relay.run('status', '--json');
    expect(status.code).toBe(1);
    expect(JSON.parse(status.out)).toMatchObject({ running: true, sealed: { calls: 3 }, waiting: { calls: 0 } });
    const canaries = [
      ...[...calls].flatMap(([id, audio]) => [
        textCanary(`call ${id}`, id),
        textCanary(`words of ${id}`, `spoken words of ${id.slice(-4)}`),
        { name: `sound of ${id}`, bytes: audio.subarray(20_000, 20_032), text: false },
        { name: `digest of ${id}`, bytes: Buffer.from(digestOf(audio), 'hex'), text: false },
      ]),
      ...Object.entries(numbers).map(([name, text]) => textCanary(name, text)),
    ];
    expect(await scanFolder(relay.spool, canaries)).toEqual([]);
    const patterns = canaries.flatMap(searchPatternsOf);
    expect(scanBytes('log', Buffer.from(running.log()), patterns)).toEqual([]);
    expect(scanBytes('status', Buffer.from(status.out), patterns)).toEqual([]);
    // The scan finds them where they are.
    expect(scanBytes('sidecar', Buffer.from(JSON.stringify(numbers)), patterns)).not.toEqual([]);
    for (const name of relay.sealed()) expect(statSync(join(relay.spool, name)).mode & 0o777).toBe(0o600);
    expect(statSync(relay.spool).mode & 0o777).toBe(0o700);
    await running.kill();
  });

  it('goes on after SIGKILL, and uploads each call once', async () => {
    expect(existsSync(join(relay.spool, 'relay.sock'))).toBe(true);
    expect((await relay.run('status')).out).toContain('ALARM not_running');
    server = await startServer(deployment);
    relay.configure({ url: server.url });
    const running = relay.start();
    await until('the spool is empty', () => relay.sealed().length === 0, { seen: running.log });
    const ids = await stored(server.url);
    expect([...ids.keys()].sort()).toEqual(['first', ...calls.keys()].sort());
    for (const [id, audio] of calls)
      expect(await playbackDigest(server.url, people, ids.get(id) ?? '')).toBe(digestOf(audio));
    expect(readdirSync(join(relay.spool, 'tmp'))).toEqual([]);
    expect(await running.stop()).toBe(0);
  });

  it('keeps a call that the vault rejects, until a person uploads it again or deletes it', async () => {
    const running = relay.start();
    relay.record('again.wav', call('another'), { call_id: 'first', ...numbers });
    await until('it is rejected', () => relay.rejected().length === 1, { seen: running.log });
    const { out } = await relay.run('rejected');
    const { id, ...rejected } = JSON.parse(out) as { id: string };
    expect(rejected).toMatchObject({ code: 'call_differs', call: { source: expect.any(String), call_id: 'first' } });
    await until('the status shows it', async () => (await relay.run('status')).out.includes('ALARM rejected (1)'));
    expect((await relay.run('retry', id)).out).toBe('1 in the spool again\n');
    await until('it is rejected again', () => relay.rejected().length === 1 && relay.sealed().length === 0);
    expect((await relay.run('discard', id)).code).toBe(0);
    expect(readdirSync(join(relay.spool, 'rejected'))).toEqual([]);
    expect((await relay.run('discard', id)).code).toBe(1);
    await running.stop();
  });

  it('lists the files that it cannot seal, and why', async () => {
    expect(await relay.run('files')).toMatchObject({ code: 0, out: '' });
    relay.record('sideways.wav', call('sideways'), { call_id: 'sideways', direction: 'sideways', colour: 'red' });
    relay.record('empty.wav', Buffer.alloc(0), { call_id: 'empty' });
    for (const name of ['alone.wav', 'other.json', 'good.wav']) writeFileSync(join(relay.pbx, name), 'x');
    writeFileSync(join(relay.pbx, 'good.json'), '{"call_id":"good"}');
    const old = new Date(Date.now() - 700_000);
    for (const name of readdirSync(relay.pbx)) utimesSync(join(relay.pbx, name), old, old);
    const { code, out } = await relay.run('files');
    const direction = 'direction must be one of inbound, outbound, internal';
    const alone = 'it has no sidecar, and no pattern of file_names matches its name';
    expect(
      out
        .trim()
        .split('\n')
        .sort()
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { alarm: 'audio_empty', path: join(relay.pbx, 'empty.wav'), why: 'it is empty' },
      { alarm: 'no_facts', path: join(relay.pbx, 'alone.wav'), why: alone },
      { alarm: 'sidecar_alone', path: join(relay.pbx, 'other.json'), why: 'it has no audio' },
      { alarm: 'sidecar_invalid', path: join(relay.pbx, 'sideways.json'), why: `${direction}; colour is unknown` },
    ]);
    expect(code).toBe(1);
    for (const name of readdirSync(relay.pbx)) rmSync(join(relay.pbx, name));
  });

  it('uses an API key that a person wrote in place of a revoked one', async () => {
    const credential = join(relay.folder, 'credential');
    writeFileSync(credential, `${people.depositor.slice(0, -3)}AAA\n`);
    const running = relay.start();
    relay.record('late.wav', call('late'), { call_id: 'late' });
    await until('the key is denied', async () => (await relay.run('status')).out.includes('credential_denied'), {
      seen: running.log,
    });
    writeFileSync(credential, `${people.depositor}\n`);
    await until('it was uploaded', () => running.log().includes('"uploaded"'), { seen: running.log });
    await until('the alarm ends', async () => !(await relay.run('status')).out.includes('credential_denied'));
    expect(await running.stop()).toBe(0);
  });

  it('shares its spool with no other relay', async () => {
    const first = relay.start();
    await until('it runs', async () => (await relay.run('status')).out.startsWith('running      yes'));
    const second = relay.start();
    expect(await second.ended()).toBe(1);
    expect(second.log()).toContain('another relay runs on this spool');
    // A stopped process is not dead.
    process.kill(first.pid, 'SIGSTOP');
    const third = relay.start();
    expect(await third.ended()).toBe(1);
    process.kill(first.pid, 'SIGCONT');
    expect(await first.stop()).toBe(0);
  });
});
