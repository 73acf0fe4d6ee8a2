// Sealed files from a hostile sender: nothing is kept of what is not exactly one authentic file for this tenant.
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { vaultClient } from '../../src/client/client.ts';
import { CHUNK } from '../../src/envelope/sizes.ts';
import { ingestKeyOf, putSealed, type SealedCall, sealCall } from '../support/sealed-files.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();

const facts = (call: string) => ({ source: 'pbx', call_id: call });
const target = async () => ({ tenant: world.harbour.tenant, key: await ingestKeyOf(world, world.harbour) });

async function rejected(sealed: SealedCall, status: number, code: string): Promise<void> {
  const before = await world.snapshot();
  const reply = await putSealed(world, world.harbour, sealed);
  expect({ status: reply.status, code: ((await reply.json()) as { code: string }).code }).toEqual({ status, code });
  expect(await world.snapshot()).toEqual(before);
}

/** The same file with one byte changed. */
function flipped({ id, file }: SealedCall, at: number): SealedCall {
  const copy = Buffer.from(file);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return { id, file: copy };
}

/** The same file with another letter in its base64: a flipped one may be no base64, which is another fault. */
function otherLetter({ id, file }: SealedCall, at: number): SealedCall {
  const copy = Buffer.from(file);
  copy.write(copy.toString('latin1', at, at + 1) === 'A' ? 'B' : 'A', at, 'latin1');
  return { id, file: copy };
}

async function* slowly(file: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += 1_000_000) {
    yield file.subarray(at, at + 1_000_000);
    await setTimeout(20);
  }
}

describe('a sealed file that is not authentic', () => {
  it('is rejected for its header, and nothing is kept', async () => {
    const body = wav(2 * CHUNK);
    const sealed = await sealCall(await target(), body, facts('hostile-1'));
    const kem = sealed.file.indexOf('"kem":"') + 8;
    await rejected(otherLetter(sealed, kem), 422, 'sealed_file_invalid');
    await rejected({ ...sealed, file: sealed.file.subarray(0, -1) }, 422, 'sealed_file_invalid');
    await rejected({ ...sealed, file: Buffer.concat([sealed.file, Buffer.of(0)]) }, 422, 'sealed_file_invalid');
    await rejected({ ...sealed, file: sealed.file.subarray(0, 100) }, 400, 'malformed');
    await rejected({ ...sealed, file: Buffer.from('RIFF: a recording in clear') }, 400, 'malformed');
    await rejected({ ...sealed, id: randomUUID() }, 400, 'malformed');
  });

  it('is rejected for any chunk, and what came before it is not kept', async () => {
    const sealed = await sealCall(await target(), wav(4 * CHUNK), facts('hostile-2'));
    const end = sealed.file.length;
    for (const at of [end - 1, end - CHUNK, end - 3 * CHUNK]) {
      const reply = await putSealed(world, world.harbour, flipped(sealed, at));
      expect(reply.status).toBe(422);
      expect(await reply.json()).toMatchObject({ code: 'sealed_file_invalid' });
    }
    const key = world.harbour.uploader.key;
    const seen = await world.call('GET', '/v1/ingest/pbx/hostile-2', { key });
    const legs = seen.status === 404 ? [] : ((await seen.json()) as { data: { objects: unknown[] }[] }).data;
    expect(legs.flatMap(({ objects }) => objects)).toEqual([]);
    expect((await putSealed(world, world.harbour, sealed)).status).toBe(201);
  });

  it('is rejected for good while the rest of it still arrives', async () => {
    const sealed = await sealCall(await target(), wav(600 * CHUNK), facts('hostile-6'));
    const { file } = flipped(sealed, sealed.file.length - 590 * CHUNK);
    const { url } = await world.listen();
    const client = vaultClient({ url, credential: world.harbour.uploader.key });
    const what = {
      method: 'PUT',
      path: `/v1/sealed-files/${sealed.id}`,
      body: { bytes: slowly(file), length: file.length },
    } as const;
    const { status, json } = await client.send(what, { signal: AbortSignal.timeout(60_000) });
    client.close();
    expect([status, json?.['code']]).toEqual([422, 'sealed_file_invalid']);
  });

  it('is rejected where its content differs from what it says', async () => {
    const body = wav(100);
    const to = await target();
    const other = '0'.repeat(64);
    await rejectedContent(await sealCall(to, body, facts('hostile-3'), { sha256: other }), 400, 'digest_mismatch');
    await rejectedContent(
      await sealCall(to, body, facts('hostile-4'), { type: 'audio/flac' }),
      415,
      'media_type_mismatch',
    );
    await rejected(await sealCall(to, body, facts('hostile-5'), { type: 'text/html' }), 415, 'media_type_unsupported');
    await rejected(await sealCall(to, body, { source: 'pbx' }), 400, 'metadata_invalid');
    await rejected(await sealCall(to, body, { ...facts('x'), retain_until: '2020-01-01' }), 400, 'metadata_invalid');
  });

  async function rejectedContent(sealed: SealedCall, status: number, code: string): Promise<void> {
    const reply = await putSealed(world, world.harbour, sealed);
    expect({ status: reply.status, code: ((await reply.json()) as { code: string }).code }).toEqual({ status, code });
  }

  it("is rejected with another tenant's key or id, as with a key that never was", async () => {
    const mine = await target();
    const foreign = { tenant: world.yunhai.tenant, key: await ingestKeyOf(world, world.yunhai) };
    const never = { ...mine.key, id: mine.key.id.replace(/.$/, (last) => (last === '0' ? '1' : '0')) };
    const replies = await Promise.all(
      [foreign, { ...foreign, tenant: mine.tenant }, { ...mine, key: never }].map(async (to) =>
        putSealed(world, world.harbour, await sealCall(to, wav(100), facts('hostile-6'))),
      ),
    );
    for (const reply of replies) {
      expect(reply.status).toBe(409);
      expect(reply.headers.get('retry-after')).toBe('300');
      expect(await reply.json()).toMatchObject({ code: 'ingest_key_unknown', retryable: true });
    }
  });

  it('replaces no call that is stored', async () => {
    const to = await target();
    await putSealed(world, world.harbour, await sealCall(to, wav(100), facts('hostile-7')));
    await rejected(await sealCall(to, wav(200), facts('hostile-7')), 422, 'call_differs');
  });

  it('is taken from an uploader of the tenant only', async () => {
    const sealed = await sealCall(await target(), wav(100), facts('hostile-8'));
    const reviewer = await putSealed(world, world.harbour, sealed, { key: world.harbour.reviewer.key });
    expect(reviewer.status).toBe(403);
    const foreign = await putSealed(world, world.harbour, sealed, { key: world.yunhai.uploader.key });
    expect(await foreign.json()).toMatchObject({ code: 'ingest_key_unknown' });
  });
});
