// Volume mode when a customer disables the key: keys in memory work no longer than one round of the watch.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, it } from 'vitest';
import { keyWatcher } from '../../src/vault/listening/watch-keys.ts';
import { startBackgroundWork } from '../../src/work.ts';
import { expectProblem } from '../http/problem.ts';
import { kmsAt } from '../support/double/clients.ts';
import { openOutage } from '../support/outage.ts';
import { startGeneration, tenantOf } from '../support/volume.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

const AUDIO = wav(1000);
const request = () => ({ signal: AbortSignal.timeout(600_000) });

let end: () => Promise<void>;
afterEach(() => end());

type Owner = { readonly world: World; readonly disable: () => Promise<void>; readonly enable: () => Promise<void> };

async function onKeyring(): Promise<Owner> {
  const world = await makeWorld();
  end = world.end;
  const set = async (state: string) => {
    const file = join(world.folder, 'keyring.json');
    const keyring = JSON.parse(await readFile(file, 'utf8')) as { keys: { id: string; state: string }[] };
    const tenant = await tenantOf(world.vault, world.harbour.tenant);
    for (const key of keyring.keys) if (key.id === tenant.key?.id) key.state = state;
    await writeFile(file, JSON.stringify(keyring));
  };
  return { world, disable: () => set('disabled'), enable: () => set('enabled') };
}

async function onKms(): Promise<Owner> {
  const outage = await openOutage();
  end = outage.end;
  const { world } = outage;
  const send = async (Command: typeof DisableKeyCommand | typeof EnableKeyCommand) => {
    const { key } = await tenantOf(world.vault, world.harbour.tenant);
    const owner = kmsAt(outage.double);
    await owner.send(new Command({ KeyId: key?.id ?? '' }));
    owner.destroy();
  };
  return { world, disable: () => send(DisableKeyCommand), enable: () => send(EnableKeyCommand) };
}

describe.each([
  ['the keyring', onKeyring],
  ['KMS', onKms],
])('a key of %s that is disabled', (_where, open) => {
  it('ends deposits and listening within one round of the watch, and serves everything again when it is enabled', async () => {
    const { world, disable, enable } = await open();
    const { harbour, yunhai, vault } = world;
    const { tenant } = harbour;
    for (const cast of [harbour, yunhai]) await startGeneration(vault, cast.tenant, true);
    const recording = await world.deposited(harbour, 'there', AUDIO);
    expect((await world.ingest(yunhai, 'theirs', AUDIO)).status).toBe(201);
    const grant = await world.grant(harbour, recording);
    const session = await world.session(harbour, grant);
    const media = (id: string) => world.call('GET', `/v1/sessions/${id}/media`, { key: harbour.reviewer.key });
    expect((await media(session)).status).toBe(200);
    const watch = keyWatcher(vault);
    expect(await watch(request())).toBe(0);

    await disable();
    // Until the next round of the watch, keys in memory work.
    expect((await world.ingest(harbour, 'before', AUDIO)).status).toBe(201);
    expect(await watch(request())).toBe(1);
    expect(vault.tenantKeks.refs()).toEqual([{ tenant: yunhai.tenant, wrap: 2 }]);
    await expectProblem(await world.ingest(harbour, 'late', AUDIO), 503, 'key_refused');
    await expectProblem(await media(session), 503, 'key_refused');
    expect((await world.ingest(yunhai, 'undisturbed', AUDIO)).status).toBe(201);

    await enable();
    await expectProblem(await media(session), 403, 'session_ended');
    expect((await media(await world.session(harbour, grant))).status).toBe(200);
    expect((await world.ingest(harbour, 'late', AUDIO)).status).toBe(201);
    expect(vault.tenantKeks.refs().map((kek) => kek.tenant)).toContain(tenant);
  });

  it('is noticed by a process that only takes deposits, without any listening', async () => {
    const { world, disable, enable } = await open();
    const { harbour, vault } = world;
    await startGeneration(vault, harbour.tenant, true);
    expect((await world.ingest(harbour, 'there', AUDIO)).status).toBe(201);
    expect(vault.sessionKeys.sessions()).toEqual([]);
    // The work of such a process: everything that it does within half a minute.
    const rounds: (() => Promise<void>)[] = [];
    const every = (milliseconds: number, work: () => Promise<void>) => {
      if (milliseconds <= 30_000) rounds.push(work);
      return () => undefined;
    };
    const clock = { ...vault.clock, every };
    const failures: unknown[] = [];
    const ingest = { ...vault, clock, settings: { ...vault.settings, role: 'ingest' } } as const;
    const stop = startBackgroundWork(ingest, (_name, error) => failures.push(error));
    await disable();
    for (const round of rounds) await round();
    await stop();
    expect(failures).toEqual([]);
    expect(vault.tenantKeks.refs()).toEqual([]);
    await expectProblem(await world.ingest(harbour, 'late', AUDIO), 503, 'key_refused');
    await enable();
    expect((await world.ingest(harbour, 'late', AUDIO)).status).toBe(201);
  });
});

describe('a key service that does not answer', () => {
  it('is waited for two minutes, and not longer', async () => {
    const outage = await openOutage();
    end = outage.end;
    const { world } = outage;
    await startGeneration(world.vault, world.harbour.tenant, true);
    expect((await world.ingest(world.harbour, 'there', AUDIO)).status).toBe(201);
    const watch = keyWatcher(world.vault);
    await outage.kill('keys', 'throttle');
    await watch(request());
    world.forward(100_000);
    await watch(request());
    expect((await world.ingest(world.harbour, 'meanwhile', AUDIO)).status).toBe(201);
    world.forward(21_000);
    await watch(request());
    expect(world.vault.tenantKeks.refs()).toEqual([]);
    await expectProblem(await world.ingest(world.harbour, 'late', AUDIO), 503, 'key_service_unavailable');
    await outage.revive();
    expect((await world.ingest(world.harbour, 'late', AUDIO)).status).toBe(201);
  });
});

describe('a tenant KEK whose generation was retired', () => {
  it('is overwritten by the watch, and no other key with it', async () => {
    const { world } = await onKeyring();
    const { harbour, vault } = world;
    await startGeneration(vault, harbour.tenant, true);
    await world.ingest(harbour, 'old', AUDIO);
    await startGeneration(vault, harbour.tenant, true);
    await world.ingest(harbour, 'new', AUDIO);
    expect(vault.tenantKeks.refs().map(({ wrap }) => wrap)).toEqual([2, 3]);
    world.sql.prepare('delete from tenant_kek where tenant = ? and wrap = 2').run(harbour.tenant);
    expect(await keyWatcher(vault)(request())).toBe(0);
    expect(vault.tenantKeks.refs().map(({ wrap }) => wrap)).toEqual([3]);
  });
});
