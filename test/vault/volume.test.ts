// Volume mode: data keys under a tenant KEK, so that the number of key service calls follows time and not calls.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/model/principal.ts';
import { approve } from '../../src/vault/access/decide.ts';
import { requestAccess } from '../../src/vault/access/request-access.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { closeSession } from '../../src/vault/core/sessions/end-session.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { unwrapDataKey } from '../../src/vault/core/wrapped-keys/data-keys.ts';
import { openAudio } from '../../src/vault/listening/media.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { keyWatcher } from '../../src/vault/listening/watch-keys.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { resumeTenant, suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { addPerson } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';
import { asProcess, depositWav, rewrapAll, startGeneration, tenantOf, WAV } from '../support/volume.ts';

async function heard(vault: Vault, by: Caller, session: string): Promise<Buffer> {
  const request = { signal: AbortSignal.timeout(600_000) };
  const media = await openAudio(vault, by, session, request);
  const pieces: Uint8Array[] = [];
  for await (const piece of media.read(0, media.size)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

type People = { readonly reviewer: Caller; readonly supervisor: Caller };

async function session(vault: Vault, { reviewer, supervisor }: People, recording: string): Promise<string> {
  const request = { signal: AbortSignal.timeout(600_000) };
  const wish = { recording, purpose: 'quality', reason: 'sample', objects: ['audio'], minutes: 5 };
  const asked = await requestAccess(vault, reviewer, wish, request);
  const { grant } = await approve(vault, supervisor, asked.request.id, {}, request);
  return (await openSession(vault, reviewer, grant?.id ?? '', request)).session.id;
}

/** Runs `work` for 0 to `n`, eight at a time. */
async function eightAtATime(n: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < n) await work(next++);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

describe('a tenant in volume mode', () => {
  const test = sharedVault();
  let people: People;
  beforeAll(async () => {
    people = { reviewer: await addPerson(test, 'reviewer'), supervisor: await addPerson(test, 'supervisor') };
    await startGeneration(test.vault, test.tenant, true);
  });

  const keys = (vault: Vault, tenant = test.tenant) =>
    vault.db.read((rows) => rows.wrappedKeys.below(tenant, 1_000, '', 10_000), test.request);
  const uses = async (vault: Vault, why: string) => {
    const events = await vault.db.read((rows) => rows.log.events(test.tenant, 0, 10_000), test.request);
    return events.filter(({ leaf }) => {
      const { action, object } = JSON.parse(Buffer.from(leaf).toString()) as {
        action: string;
        object: Record<string, unknown>;
      };
      return action === 'key.used' && object['why'] === why;
    }).length;
  };

  it('takes a thousand deposits and opens them in sessions with a handful of key service calls', async () => {
    const { vault, calls } = asProcess(test.vault);
    const recordings: string[] = [];
    await eightAtATime(1_000, async (i) => {
      recordings[i] = (await depositWav(vault, test.uploader, `call-${i}`)).recording;
    });
    // The metadata key and the KEK.
    expect(calls).toEqual(['unwrap', 'unwrap']);
    const rows = await keys(vault);
    expect(new Set(rows.map(({ scheme, wrap }) => `${scheme} ${wrap}`))).toEqual(new Set(['tenant-kek 2']));
    expect(new Set(rows.map(({ keyId }) => keyId)).size).toBe(1);
    expect(new Set(rows.map(({ wrapped }) => Buffer.from(wrapped).toString('hex'))).size).toBe(1_000);

    await eightAtATime(100, async (i) => {
      const id = await session(vault, people, recordings[i * 10] ?? '');
      expect((await heard(vault, people.reviewer, id)).equals(WAV)).toBe(true);
      await closeSession(vault, people.reviewer, id, test.request);
    });
    expect(calls).toEqual(['unwrap', 'unwrap']);
    expect(await uses(vault, 'kek')).toBe(1);
  });

  it('opens in two processes what either made; concurrent first uses share one unwrap', async () => {
    const [one, two] = [asProcess(test.vault), asProcess(await test.another())];
    const made: string[] = [];
    await eightAtATime(8, async (i) => {
      made[i] = (await depositWav([one, two][i % 2]?.vault ?? one.vault, test.uploader, `two-${i}`)).recording;
    });
    for (const [i, recording] of made.entries()) {
      const { vault } = [two, one][i % 2] ?? one;
      expect((await heard(vault, people.reviewer, await session(vault, people, recording))).equals(WAV)).toBe(true);
    }
    for (const { calls } of [one, two]) expect(calls).toEqual(['unwrap', 'unwrap']);
  });

  it('lends a KEK for five minutes and overwrites it a minute later', async () => {
    const start = test.vault.clock.now();
    const stopped = { ...test.vault.clock, now: () => start };
    const { vault, calls, forward } = asProcess({ ...test.vault, clock: stopped });
    const lent: Buffer[] = [];
    const look = () => vault.tenantKeks.lend(test.tenant, 2, ({ bytes }) => lent.push(bytes), test.request);
    await look();
    forward(299_999);
    await look();
    expect(vault.tenantKeks.expire()).toBe(0);
    expect(calls).toEqual(['unwrap']);
    forward(1);
    await look();
    expect(calls).toEqual(['unwrap', 'unwrap']);
    expect(lent[0]).toBe(lent[1]);
    const [first = Buffer.alloc(0), , second = Buffer.alloc(0)] = lent;
    expect(first.equals(second)).toBe(true);
    forward(59_999);
    expect(vault.tenantKeks.expire()).toBe(0);
    expect(first.some((byte) => byte !== 0)).toBe(true);
    forward(1);
    expect(vault.tenantKeks.expire()).toBe(1);
    // The very bytes are overwritten, not a copy.
    await Promise.resolve();
    expect(first).toEqual(Buffer.alloc(32));
    expect(second.some((byte) => byte !== 0)).toBe(true);
    vault.tenantKeks.close();
    await Promise.resolve();
    expect(second).toEqual(Buffer.alloc(32));
    await depositWav(vault, test.uploader, 'after its close');
    expect(calls.filter((call) => call === 'unwrap')).toHaveLength(4);
  });

  it('does not open a row that names the KEK of another tenant, or of another generation', async () => {
    const { vault } = asProcess(test.vault);
    const people = { admin: 'Ada', approvers: ['Sue'], approverAgeHours: 0 };
    const what = { name: 'Yunhai Travel', country: 'CN', defaultBasis: 'consent', consent: 'any', ...people } as const;
    const other = await createTenant(vault, operatorActor('op-1'), what, test.request);
    await startGeneration(vault, other.tenant, true);
    await depositWav(vault, { ...test.uploader, tenant: other.tenant }, 'theirs');
    await depositWav(vault, test.uploader, 'ours');
    const [theirs] = await keys(vault, other.tenant);
    const [ours] = await keys(vault);
    if (theirs === undefined || ours === undefined) throw new Error('no keys');
    const [tenant, foreign] = [await tenantOf(vault, test.tenant), await tenantOf(vault, other.tenant)];
    const open = async (of: typeof tenant, row: typeof ours) => {
      const key = await unwrapDataKey(vault, of, { id: row.deposit, recording: row.recording }, row, test.request);
      key.zero();
    };
    await open(tenant, ours);
    await open(foreign, theirs);
    const refused = { code: 'key_refused' };
    // The row unchanged, in the other tenant; and our row with one member of theirs.
    await expect(open(tenant, theirs)).rejects.toMatchObject(refused);
    await expect(open(tenant, { ...ours, keyId: theirs.keyId })).rejects.toMatchObject(refused);
    await expect(open(tenant, { ...ours, wrapped: theirs.wrapped })).rejects.toMatchObject(refused);
    await expect(open(tenant, { ...ours, recording: theirs.recording })).rejects.toMatchObject(refused);
    for (const wrap of [1, 3]) await expect(open(tenant, { ...ours, wrap })).rejects.toMatchObject(refused);
    const keyId = tenant.key?.id ?? '';
    await expect(open(tenant, { ...ours, scheme: 'keyring', keyId })).rejects.toMatchObject(refused);
    const version = Buffer.from(ours.wrapped);
    version.writeUInt32BE(2);
    await expect(open(tenant, { ...ours, wrapped: version })).rejects.toMatchObject(refused);
    await expect(open({ ...tenant, minimumWrap: 3 }, ours)).rejects.toMatchObject(refused);
    await open(tenant, ours);
  });

  it('moves from generation to generation, and out of volume mode and back, with everything readable', async () => {
    const { vault, calls } = asProcess(test.vault);
    const asked = async (work: () => Promise<unknown>) => {
      calls.length = 0;
      await work();
      const counts: Record<string, number> = {};
      for (const call of calls) counts[call] = (counts[call] ?? 0) + 1;
      return counts;
    };
    const opensAll = async () => {
      const tenant = await tenantOf(vault, test.tenant);
      for (const row of await keys(vault)) {
        const of = { id: row.deposit, recording: row.recording };
        (await unwrapDataKey(vault, tenant, of, row, test.request)).zero();
      }
    };
    const { recording } = await depositWav(vault, test.uploader, 'kept');
    const all = (await keys(vault)).length;
    const { wrap } = await tenantOf(vault, test.tenant);
    const kept = await session(vault, people, recording);

    await startGeneration(vault, test.tenant, true);
    await opensAll();
    // One unwrap of the new KEK, the old one is in memory: not a call more, however many keys there are.
    expect(await asked(() => rewrapAll(vault, test.tenant))).toEqual({ unwrap: 1 });
    expect(new Set((await keys(vault)).map(({ scheme, wrap }) => `${scheme} ${wrap}`))).toEqual(
      new Set([`tenant-kek ${wrap + 1}`]),
    );
    await startGeneration(vault, test.tenant, false);
    expect(await asked(() => rewrapAll(vault, test.tenant))).toEqual({ wrap: all });
    expect(new Set((await keys(vault)).map(({ scheme }) => scheme))).toEqual(new Set(['keyring']));
    await startGeneration(vault, test.tenant, false);
    expect(await asked(() => rewrapAll(vault, test.tenant))).toEqual({ rewrap: all });
    await opensAll();
    const tenant = await startGeneration(vault, test.tenant, true);
    expect(await asked(() => rewrapAll(vault, test.tenant))).toEqual({ unwrap: all + 1 });
    await opensAll();
    expect(tenant.wrap).toBe(wrap + 4);
    expect((await heard(vault, people.reviewer, kept)).equals(WAV)).toBe(true);
    expect((await depositWav(vault, test.uploader, 'last')).created).toBe(true);
  });

  it('keeps no KEK of a suspended tenant', async () => {
    const [one, two] = [asProcess(test.vault), asProcess(test.vault)];
    for (const { vault } of [one, two]) await depositWav(vault, test.uploader, `before ${vault === one.vault ? 1 : 2}`);
    for (const { vault } of [one, two]) expect(vault.tenantKeks.refs()).toHaveLength(1);
    await suspendTenant(one.vault, operatorActor('op-1'), test.tenant, test.request);
    expect(one.vault.tenantKeks.refs()).toEqual([]);
    await keyWatcher(two.vault)(test.request);
    expect(two.vault.tenantKeks.refs()).toEqual([]);
    await resumeTenant(one.vault, operatorActor('op-1'), test.tenant, test.request);
    for (const { vault } of [one, two]) await depositWav(vault, test.uploader, `after ${vault === one.vault ? 1 : 2}`);
  });
});
