// Re-encryption: the same bytes under another data key, and nothing left that the old key opens.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { parseEnvelope, verifyEnvelope } from '../../src/envelope/envelope.ts';
import { openFacts } from '../../src/envelope/facts.ts';
import { leafHash } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { readLeaf } from '../../src/model/log/leaf.ts';
import { unwrapDataKey } from '../../src/vault/core/wrapped-keys/data-keys.ts';
import { recoverStale } from '../../src/vault/deposit/recover-stale.ts';
import { readExposure } from '../../src/vault/exposure/exposure.ts';
import { dropEndedKeys } from '../../src/vault/listening/drop-ended-keys.ts';
import { ENGINES } from '../support/engines.ts';
import {
  filesWith,
  openListener,
  operator,
  putAudio,
  putTranscript,
  reencryptAndCollect,
  rowsOf,
  TEXT,
} from '../support/reencrypt.ts';
import { wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

/** Two parts and a bit more. */
const LONG = wavOf(9_000_000);
const SHORT = wavOf(200_000);

describe.each(ENGINES)('a recording that is re-encrypted, on $engine $reason', ({ engine, present }) => {
  const test = sharedVault(engine);

  it.skipIf(!present)(
    'is the same recording under new keys, and its old deposits are deleted with their keys',
    async () => {
      const { recording, deposit: first } = await putAudio(test, 'one', LONG);
      await putTranscript(test, recording);
      const before = await rowsOf(test, recording);
      const heard = await openListener(test, recording);
      expect((await heard.audio()).bytes.equals(LONG)).toBe(true);

      const done = await reencryptAndCollect(test, recording);
      expect(done.map(({ object, size, left }) => ({ object, size, left }))).toEqual([
        { object: 'audio', size: LONG.length, left: false },
        { object: 'transcript/en', size: TEXT.length, left: false },
      ]);
      const after = await rowsOf(test, recording);
      expect(after.available?.id).toBe(done[0]?.to);
      expect(done[0]?.from).toBe(first);
      expect(after.digest).toBe(before.digest);
      expect(after.facts).toEqual(before.facts);
      expect({ ...after.row, facts: null, version: 0 }).toEqual({ ...before.row, facts: null, version: 0 });
      expect(after.key?.wrapped).not.toEqual(before.key?.wrapped);
      expect(after.available).toMatchObject({
        state: 'AVAILABLE',
        envelope: null,
        principal: before.available?.principal,
      });
      expect(after.available?.verifiedAt).not.toBe(null);

      for (const { object, from, to } of done) {
        expect(filesWith(test, from)).toEqual([]);
        expect(filesWith(test, to)).toHaveLength(object === 'audio' ? 3 : 2);
        const old = await test.vault.db.read(
          async (rows) => [await rows.deposits.find(test.tenant, from), await rows.wrappedKeys.find(test.tenant, from)],
          test.request,
        );
        expect(old).toMatchObject([{ state: 'ABORTED', digest: null }, null]);
      }
      expect((await (await openListener(test, recording)).audio()).bytes.equals(LONG)).toBe(true);
      expect((await heard.transcript()).bytes.equals(TEXT)).toBe(true);
    },
  );

  it.skipIf(!present)('replaces the old deposit in one transaction, and the log verifies', async () => {
    const { recording } = await putAudio(test, 'logged', SHORT);
    const [done] = await reencryptAndCollect(test, recording);
    const events = await test.vault.db.read((rows) => rows.log.events(test.tenant, 0, 1000), test.request);
    const leaves = events.flatMap(({ leaf }) => readLeaf(leaf) ?? []);
    const [started] = leaves.filter(({ action, object }) => action === 'deposit.started' && object.id === done?.to);
    expect(started?.object).toMatchObject({ from: done?.from, why: 'data-key', recording });
    const at = leaves.findIndex(({ action, object }) => action === 'deposit.available' && object.id === done?.to);
    expect(leaves.slice(at, at + 4).map(({ action, object }) => [action, object.id])).toEqual([
      ['deposit.available', done?.to],
      ['recording.reencrypted', recording],
      ['deposit.aborting', done?.from],
      ['deposit.aborted', done?.from],
    ]);
    expect(leaves[at + 1]?.object).toMatchObject({ from: done?.from, to: done?.to, object: 'audio' });
    expect(leaves.slice(at, at + 3).map(({ actor }) => actor.id)).toEqual(['op-1', 'op-1', 'op-1']);
    expect(leaves.filter(({ action, object }) => action === 'key.used' && object['why'] === 'reencrypt')).toHaveLength(
      1,
    );
    expect(checkLog(`vault.example/${test.tenant}`, events, leafHash)).toEqual([]);
  });

  it.skipIf(!present)('returns the new deposit for the same bytes, and rejects others', async () => {
    const { recording } = await putAudio(test, 'again', SHORT);
    const [done] = await reencryptAndCollect(test, recording);
    expect(await putAudio(test, 'again', SHORT)).toMatchObject({ created: false, recording, deposit: done?.to });
    await expect(putAudio(test, 'again', wavOf(300))).rejects.toMatchObject({ code: 'call_differs' });
  });

  it.skipIf(!present)('gets an intact envelope again where the old one was missing or damaged', async () => {
    for (const [call, spoil] of [
      ['lost', (path: string) => rmSync(path)],
      ['damaged', (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('"size":2', '"size":1'))],
    ] as const) {
      const { recording, deposit: first } = await putAudio(test, call, SHORT);
      spoil(filesWith(test, first).find((path) => path.endsWith('.json')) ?? '');
      const before = await rowsOf(test, recording);
      const [done] = await reencryptAndCollect(test, recording);
      expect(done).toMatchObject({ envelope: 'anew', left: false });
      const path = filesWith(test, done?.to ?? '').find((file) => file.endsWith('.json')) ?? '';
      const { available, key, facts } = await rowsOf(test, recording);
      expect(facts).toEqual(before.facts);
      if (available === null || key === null) throw new Error('not there');
      const dataKey = await unwrapDataKey(test.vault, before.tenant, available, key, test.request);
      verifyEnvelope(readFileSync(path), dataKey);
      const place = { tenant: test.tenant, recording, deposit: available.id };
      expect(openFacts(dataKey, place, parseEnvelope(readFileSync(path)).facts)).toEqual(facts);
    }
  });

  it.skipIf(!present)('is not opened by restored blobs of the old deposit', async () => {
    const { recording, deposit: first } = await putAudio(test, 'back', SHORT);
    const kept = filesWith(test, first).map((path) => [path, readFileSync(path)] as const);
    expect(kept).toHaveLength(3);
    const [done] = await reencryptAndCollect(test, recording);
    for (const [path, bytes] of kept) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    }
    await recoverStale(test.vault, test.request);
    const { available, key } = await rowsOf(test, recording);
    expect(available?.id).toBe(done?.to);
    expect(key?.deposit).toBe(done?.to);
    const { bytes, etag } = await (await openListener(test, recording)).audio();
    expect(etag).toBe(`"${done?.to}"`);
    expect(bytes.equals(SHORT)).toBe(true);
  });

  it.skipIf(!present)('keeps playing in a live session, with another ETag, and its old key leaves memory', async () => {
    const { recording, deposit: first } = await putAudio(test, 'live', SHORT);
    const heard = await openListener(test, recording);
    expect((await heard.audio()).etag).toBe(`"${first}"`);
    const { sessionKeys } = test.vault;
    const held = await sessionKeys.get({ tenant: test.tenant, id: heard.session }, first, () =>
      Promise.reject(new Error('held')),
    );
    // Opened before, read after: the piece can no longer come from the old deposit.
    const media = await heard.open();
    const running = media.read(0, media.size);
    const [done] = await reencryptAndCollect(test, recording);
    await expect(running.next()).rejects.toMatchObject({ code: 'not_available' });
    expect(held.ended.aborted).toBe(false);
    expect(await dropEndedKeys(test.vault, test.request)).toBeGreaterThan(0);
    expect(held.ended.aborted).toBe(true);
    expect(() => held.key.use((bytes) => bytes.length)).toThrow();
    expect(sessionKeys.deposits(heard.session)).toEqual([]);
    const { etag, bytes } = await heard.audio();
    expect(etag).toBe(`"${done?.to}"`);
    expect(bytes.equals(SHORT)).toBe(true);
    expect(sessionKeys.deposits(heard.session)).toEqual([done?.to]);
    expect(await dropEndedKeys(test.vault, test.request)).toBe(0);
  });

  it.skipIf(!present)('stays unchanged where the store returns other bytes', async () => {
    const { recording, deposit: first } = await putAudio(test, 'spoiled', SHORT);
    const [path = ''] = filesWith(test, first).filter((file) => file.endsWith('audio'));
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(100_000) ^ 1, 100_000);
    writeFileSync(path, bytes);
    await expect(reencryptAndCollect(test, recording)).rejects.toMatchObject({ code: 'integrity' });
    expect(await rowsOf(test, recording)).toMatchObject({ underway: null, available: { id: first } });
    expect(filesWith(test, recording)).toHaveLength(3);
  });

  it.skipIf(!present)('must exist, in this tenant', async () => {
    await expect(reencryptAndCollect(test, newId('rec'))).rejects.toMatchObject({ code: 'not_found' });
    const { recording } = await putAudio(test, 'foreign', SHORT);
    const stranger = { ...test, tenant: newId('ten') };
    await expect(reencryptAndCollect(stranger, recording)).rejects.toMatchObject({ code: 'not_found' });
  });

  it.skipIf(!present)('is counted once in the exposure of its key', async () => {
    const { recording } = await putAudio(test, 'told', SHORT);
    const since = new Date(test.vault.clock.now()).toISOString();
    await reencryptAndCollect(test, recording);
    const { tenant } = await rowsOf(test, recording);
    const asked = { tenant: test.tenant, kind: 'key', id: tenant.key?.id ?? '', since, until: null } as const;
    const { recordings } = await readExposure(test.vault, operator, asked, test.request);
    const told = recordings.find((one) => one.recording === recording);
    expect(told?.ways).toEqual(['key', 'key-before']);
    expect(told?.subjects).toHaveLength(1);
  });
});
