// Sealed files over HTTP: what arrives is the call itself, once, whatever was sealed and how often.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PART } from '../../src/envelope/sizes.ts';
import { ingestKeyOf, putSealed, sealCall } from '../support/sealed-files.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();

type Reply = { readonly recording: string; readonly sha256: string; readonly size: number; readonly object: string };

const target = async () => ({ tenant: world.harbour.tenant, key: await ingestKeyOf(world, world.harbour) });
const facts = (call: string) => ({ source: 'pbx', call_id: call, agent: '张伟', from: '+8613800138000' });

describe('a sealed file', () => {
  it('becomes the recording that its content would have become', async () => {
    const body = wav(32_000);
    const sealed = await sealCall(await target(), body, facts('sealed-1'));
    const reply = await putSealed(world, world.harbour, sealed);
    expect(reply.status).toBe(201);
    const stored = (await reply.json()) as Reply;
    const sha256 = createHash('sha256').update(body).digest('hex');
    expect(stored).toMatchObject({ object: 'audio', size: body.length, sha256 });
    const seen = await world.call('GET', `/v1/recordings/${stored.recording}`, { key: world.harbour.reviewer.key });
    expect(await seen.json()).toMatchObject({ agent: '张伟', duration_ms: 2000, state: 'available' });
    const plain = await world.ingest(world.harbour, 'sealed-1', body, {});
    expect(plain.status).toBe(200);
    expect(await plain.json()).toEqual(stored);
  });

  it('sent again, or sealed again, is the same recording, and changes nothing', async () => {
    const body = wav(8_000);
    const sealed = await sealCall(await target(), body, facts('sealed-2'));
    const first = (await (await putSealed(world, world.harbour, sealed)).json()) as Reply;
    const before = await world.snapshot();
    for (const again of [sealed, await sealCall(await target(), body, facts('sealed-2'))]) {
      const reply = await putSealed(world, world.harbour, again);
      expect(reply.status).toBe(200);
      expect(await reply.json()).toEqual(first);
    }
    expect(await world.snapshot()).toEqual(before);
  });

  it('may have several parts, and a type that its content decides', async () => {
    const body = wav(PART + 1000);
    const sealed = await sealCall(await target(), body, facts('sealed-3'), { type: 'application/octet-stream' });
    const reply = await putSealed(world, world.harbour, sealed);
    expect(reply.status).toBe(201);
    const { recording } = (await reply.json()) as Reply;
    const seen = await world.call('GET', `/v1/recordings/${recording}`, { key: world.harbour.reviewer.key });
    expect(await seen.json()).toMatchObject({ channels: 1, duration_ms: expect.any(Number) });
  });

  it('may be a transcript, before the audio or after it', async () => {
    const text = Buffer.from('WEBVTT\n\n00:00.000 --> 00:01.000\nGuten Morgen\n');
    const to = await target();
    const transcript = await sealCall(to, text, facts('sealed-4'), { object: 'transcript/de', type: 'text/vtt' });
    const first = await putSealed(world, world.harbour, transcript);
    expect(first.status).toBe(201);
    const { recording, object } = (await first.json()) as Reply;
    expect(object).toBe('transcript/de');
    const audio = await putSealed(world, world.harbour, await sealCall(to, wav(800), facts('sealed-4')));
    expect(await audio.json()).toMatchObject({ recording });
    expect((await putSealed(world, world.harbour, transcript)).status).toBe(200);
  });

  it('has a checked Content-Digest', async () => {
    const sealed = await sealCall(await target(), wav(800), facts('sealed-5'));
    const put = (bytes: Uint8Array) =>
      world.call('PUT', `/v1/sealed-files/${sealed.id}`, {
        key: world.harbour.uploader.key,
        body: sealed.file,
        headers: { 'content-digest': `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:` },
      });
    const wrong = await put(Buffer.from('other'));
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ code: 'digest_mismatch' });
    expect((await put(sealed.file)).status).toBe(201);
  });
});
