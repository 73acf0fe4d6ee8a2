// Steps of the story about calls that must not be missing: a relay beside the PBX, and a call list.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { thisPackage } from '../../src/cli/support/this-package.ts';
import { callOf, ENGLISH, FRAUD } from './deposit-steps.ts';
import { type DemoWorld, expectReply, expectThat, listAt, memberAt, required, send, textAt } from './world.ts';

const RELAYED = { source: 'pbx-relay', call_id: 'relayed-1' };
/** Reserved for fiction (Ofcom). */
const NUMBER = '+442079460555';
const RELAY_MS = 300_000;
const HOUR_MS = 3_600_000;

/** A relay beside a PBX seals a call, deletes the plaintext, and uploads it. */
export async function relayCall(world: DemoWorld): Promise<string> {
  const { keys } = required(world.tenants, 'harbour');
  const [folder, spool] = [join(world.paths.data, 'pbx'), join(world.paths.data, 'relay')];
  await mkdir(folder);
  const config = await writeConfig(world, folder, spool);
  const { audio } = callOf(world, FRAUD);
  await writeFile(join(folder, 'call.wav'), audio);
  const started = new Date(Date.now() - HOUR_MS).toISOString();
  const facts = { ...RELAYED, from: NUMBER, direction: 'inbound', started_at: started };
  await writeFile(join(folder, 'call.tmp'), JSON.stringify(facts));
  await rename(join(folder, 'call.tmp'), join(folder, 'call.json'));
  const log = await open(join(world.paths.data, 'relay.log'), 'a', 0o600);
  const relay = spawn(
    process.execPath,
    [join(thisPackage().folder, 'scripts/callvault.js'), 'relay', 'run', '--config', config],
    { stdio: ['ignore', log.fd, log.fd], detached: true },
  );
  try {
    const reply = await untilStored(world, keys.uploader, () => relay.exitCode === null);
    const stored = listAt(memberAt(reply, 'data', 0), 'objects').map((object) => memberAt(object, 'sha256'));
    const sha256 = createHash('sha256').update(audio).digest('hex');
    expectThat(stored.includes(sha256), 'the relayed call has other bytes');
    expectThat((await readdir(folder)).length === 0, 'the relay left plaintext in the folder of the PBX');
  } finally {
    relay.kill('SIGTERM');
    if (relay.exitCode === null && relay.signalCode === null) await once(relay, 'exit');
    await log.close();
  }
  return 'a call and its sidecar beside a PBX: sealed to the public key, deleted, uploaded, the same bytes in the vault';
}

async function writeConfig(world: DemoWorld, folder: string, spool: string): Promise<string> {
  const { id, keys } = required(world.tenants, 'harbour');
  const credential = join(world.paths.root, 'relay.credential');
  await writeFile(credential, keys.uploader, { mode: 0o600 });
  const config = join(world.paths.root, 'relay.json');
  const values = {
    ...{ url: world.base, tenant: id, source: RELAYED.source, folders: [folder], spool, credential },
    ...{ verifier_key: await world.verifierKey(`${world.origin}/${id}`), settled_seconds: 1 },
  };
  await writeFile(config, JSON.stringify(values), { mode: 0o600 });
  return config;
}

async function untilStored(world: DemoWorld, key: string, isRunning: () => boolean): Promise<unknown> {
  const path = `/v1/ingest/${RELAYED.source}/${RELAYED.call_id}`;
  for (const until = Date.now() + RELAY_MS; isRunning() && Date.now() < until; await sleep(200)) {
    const reply = await send(world, key, 'GET', path);
    if (reply.status === 200 && memberAt(reply.body, 'data', 0, 'state') === 'available') return reply.body;
  }
  throw new Error('the relay did not upload the call');
}

/** The PBX's own list shows which call is not in the vault. */
export async function findMissing(world: DemoWorld): Promise<string> {
  const { keys } = required(world.tenants, 'harbour');
  const { source } = callOf(world, ENGLISH);
  const known = world.calls.filter((call) => call.tenant === 'harbour' && call.source === source);
  const lost = { call_id: 'never-arrived', started_at: new Date(Date.now() - 3 * HOUR_MS).toISOString() };
  const lines = [...known, lost].map(({ call_id: call, started_at: start }) => `${call},${start}`);
  const bytes = Buffer.from(['call_id,started_at', ...lines, ''].join('\n'));
  const path = `/v1/call-lists?source=${encodeURIComponent(source)}`;
  const taken = await send(world, keys.uploader, 'POST', path, { headers: { 'content-type': 'text/csv' }, bytes });
  expectReply(taken, 'the call list', 200);
  const days = `from=${textAt(taken.body, 'from')}&to=${textAt(taken.body, 'to')}`;
  const counts = await send(
    world,
    keys.uploader,
    'GET',
    `/v1/completeness?${days}&source=${encodeURIComponent(source)}`,
  );
  expectReply(counts, 'the counts', 200);
  const sum = (name: string): number =>
    listAt(counts.body, 'data').reduce((all: number, day) => all + Number(memberAt(day, name)), 0);
  expectThat(sum('expected') === lines.length, `${sum('expected')} calls are expected instead of ${lines.length}`);
  expectThat(sum('missing') === 1, `${sum('missing')} calls are missing instead of 1`);
  const missing = `/v1/completeness/calls?${days}&source=${encodeURIComponent(source)}&what=missing`;
  const found = await send(world, keys.uploader, 'GET', missing);
  expectReply(found, 'the missing calls', 200);
  expectThat(textAt(listAt(found.body, 'data')[0], 'call_id') === lost.call_id, 'another call is missing');
  return `a call list of ${lines.length} calls: ${sum('stored')} are stored, and ${lost.call_id} is missing`;
}
