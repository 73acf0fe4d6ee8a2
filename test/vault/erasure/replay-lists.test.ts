// Tombstone lists that a database does not know: what they name is erased again, and its calls are not accepted again.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../../src/bytes/ids.ts';
import { SecretKey } from '../../../src/envelope/secret-key.ts';
import { type ErasedRecording, encodeTombstoneList } from '../../../src/envelope/tombstone-list.ts';
import { VaultError } from '../../../src/errors.ts';
import { leafHash, logName } from '../../../src/model/audit-event.ts';
import { checkLog } from '../../../src/model/log/check.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { naturalIndex } from '../../../src/vault/deposit/describe.ts';
import { replayTombstones } from '../../../src/vault/erasure/replay-tombstones.ts';
import { ENGINES } from '../../support/engines.ts';
import { freshErasureWorld } from '../../support/erasure-world.ts';
import { erasedOf, LEAF, listOf, plantBlob } from '../../support/tombstone-lists.ts';
import { wav } from '../../support/wav.ts';

const SECOND = 181_000;

describe.each(ENGINES)('a tombstone list over $engine $reason', ({ engine, present }) => {
  const world = freshErasureWorld(engine);
  let tenant: string;

  beforeEach(() => {
    ({ tenant } = world.harbour);
  });

  const store = () => join(world.folder, 'store');
  const replay = (vault: Vault = world.vault) => replayTombstones(vault, world.request());
  const plant = (path: string, bytes: string | Uint8Array) => plantBlob(store(), path, bytes);
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof VaultError ? error.code : String(error)),
    );
  const states = async (recordings: readonly string[]) => {
    const found: (string | undefined)[] = [];
    for (const recording of recordings) found.push(await world.state(tenant, recording));
    return found;
  };
  /** A call that this database never had, as in a backup from before it. */
  const unknownCall = async (callId: string) => {
    const row = await world.read((rows) => rows.tenants.find(tenant));
    if (row === null) throw new Error('no tenant');
    const key = await world.vault.metadataKeys.get(row, world.request());
    return { recording: newId('rec'), natural: naturalIndex(key, { source: 'pbx', callId, leg: '0' }) };
  };
  const send = async (callId: string): Promise<readonly [number, string | undefined]> => {
    const headers = { 'content-type': 'audio/wav' };
    const { key } = world.harbour.uploader;
    const reply = await world.call('PUT', `/v1/ingest/pbx/${callId}`, { key, headers, body: wav(1000) });
    return [reply.status, ((await reply.json()) as { code?: string }).code];
  };

  it.skipIf(!present)(
    'erases again what it names, and gives calls without a row one that recognises them',
    async () => {
      const recordings = [await world.ingested(world.harbour, 'call-1'), await world.ingested(world.harbour, 'call-2')];
      const kept = await world.ingested(world.harbour, 'call-3');
      const never = await unknownCall('call-4');
      const nameless = { recording: newId('rec'), natural: null };
      const erased = [];
      for (const recording of recordings) erased.push(await erasedOf(world.vault, tenant, recording));
      const { path, event, bytes } = await listOf(world.vault, tenant, [...erased, never, nameless]);
      await plant(path, bytes);

      expect(await replay()).toBe(3);
      expect(await states([...recordings, never.recording])).toEqual(['ERASING', 'ERASING', 'ERASING']);
      expect(await states([kept, nameless.recording])).toEqual(['AVAILABLE', undefined]);
      const replayed = (await world.leaves(tenant)).filter(({ action }) => action === 'tombstone.replayed');
      expect(replayed.map(({ object }) => object)).toEqual(
        [...recordings, never.recording].sort().map((id) => ({ type: 'recording', id, event })),
      );
      expect(await send('call-4')).toEqual([422, 'call_key_taken']);
      expect(await send('call-1')).toEqual([410, 'erased']);

      // The list is known now: nothing is read, and nothing is written.
      const before = (await world.leaves(tenant)).length;
      expect(
        await replay({ ...world.vault, store: { ...world.vault.store, get: () => Promise.reject(new Error('read')) } }),
      ).toBe(0);
      expect((await world.leaves(tenant)).length).toBe(before);

      // What an interrupted erasure left of a call without a row is deleted as well.
      await plant(`t/${tenant}/e/${never.recording}/${newId('dep')}.json`, 'left over');
      expect(await world.on()).toBe(3);
      world.forward(SECOND);
      expect(await world.on()).toBe(3);
      expect(await world.names(never.recording)).toEqual([]);
      expect(await states([...recordings, never.recording])).toEqual(['ERASED', 'ERASED', 'ERASED']);
      const events = await world.read((rows) => rows.log.events(tenant, 0, 10_000));
      expect(checkLog(logName(world.vault.settings.origin, tenant), events, leafHash)).toEqual([]);
    },
  );

  it.skipIf(!present)('continues where a crash interrupted its replay, also beside another process', async () => {
    const recordings: string[] = [];
    for (const n of [1, 2, 3]) recordings.push(await world.ingested(world.harbour, `call-${n}`));
    const erased: ErasedRecording[] = [await unknownCall('call-4')];
    for (const recording of recordings) erased.push(await erasedOf(world.vault, tenant, recording));
    const { path, bytes } = await listOf(world.vault, tenant, erased);
    await plant(path, bytes);
    // The first life counts the use of the key; each next one erases one recording more.
    for (const _life of [1, 2, 3, 4]) {
      let changes = 0;
      const { db } = world.vault;
      const change: Vault['db']['change'] = async (work, wait) => {
        if (++changes === 2) throw new VaultError('database_unavailable', 'planted');
        return db.change(work, wait);
      };
      expect(await codeOf(replay({ ...world.vault, db: { ...db, change } }))).toBe('database_unavailable');
    }
    const both = await Promise.all([replay(), replay()]);
    expect(both.reduce((sum, n) => sum + n)).toBe(1);
    expect(await states(erased.map(({ recording }) => recording))).toEqual(Array(4).fill('ERASING'));
    const replayed = (await world.leaves(tenant)).filter(({ action }) => action === 'tombstone.replayed');
    expect(replayed).toHaveLength(4);
    expect(await replay()).toBe(0);
  });

  it.skipIf(!present)('leaves a call alone that another recording has by now', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    const never = await unknownCall('call-1');
    const { path, bytes } = await listOf(world.vault, tenant, [never]);
    await plant(path, bytes);
    expect(await replay()).toBe(0);
    expect(await states([recording, never.recording])).toEqual(['AVAILABLE', undefined]);
  });

  it.skipIf(!present)('that does not verify is an alarm as a whole, and erases nothing', async () => {
    const recording = await world.ingested(world.harbour, 'call-1');
    const theirs = await world.ingested(world.yunhai, 'call-1');
    const erased = await erasedOf(world.vault, tenant, recording);
    const never = await unknownCall('call-9');
    const { path, event, bytes } = await listOf(world.vault, tenant, [erased, never]);
    const text = bytes.toString();
    const forgery = { tenant, event, leaf: LEAF, erased: [erased] };
    const [ours, other] = [
      await listOf(world.vault, tenant, [erased]),
      await listOf(world.vault, world.yunhai.tenant, [erased], { event }),
    ];
    const forged: readonly (readonly [what: string, bytes: string | Uint8Array])[] = [
      ['another event’s list', ours.bytes],
      ['another tenant’s list', other.bytes],
      ['a MAC under another tenant’s key', other.bytes.toString().replace(world.yunhai.tenant, tenant)],
      ['a recording exchanged', text.replace(never.recording, newId('rec'))],
      ['a recording left out', text.replace(/\{"natural[^}]*\},/, '')],
      ['a MAC without the key', encodeTombstoneList(forgery, new SecretKey(Buffer.alloc(32))).toString()],
      ['another format', text.replace('callvault/1', 'callvault/2')],
      ['a cut list', text.slice(0, -1)],
      ['no list', ''],
      ['too long a list', 'x'.repeat(70_000)],
    ];
    for (const [what, planted] of forged) {
      await plant(path, planted);
      expect(await codeOf(replay()), what).toBe('integrity');
      expect(await states([recording, never.recording]), what).toEqual(['AVAILABLE', undefined]);
      expect(await world.state(world.yunhai.tenant, theirs)).toBe('AVAILABLE');
    }
    // Again at each start, until the blob is deleted; the authentic list counts.
    expect(await codeOf(replay())).toBe('integrity');
    await rm(join(store(), path));
    expect(await replay()).toBe(0);
    await plant(path, bytes);
    expect(await replay()).toBe(2);
    expect(await readFile(join(store(), path))).toEqual(bytes);
  });
});
