// Invalid bodies: cut, too long, with another digest or type. Nothing of them is stored.
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const MOST = 21_000_000;
const world = sharedWorld({ maxBytes: MOST });
let recording: string;
let port: number;
let before: readonly string[];
let triesBefore: unknown;
beforeAll(async () => {
  const json = { source: 'pbx', call_id: 'described' };
  const described = await world.call('POST', '/v1/recordings', { key: world.harbour.uploader.key, json });
  recording = ((await described.json()) as { recording: string }).recording;
  port = (await world.listen()).port;
});
beforeEach(async () => {
  before = await world.snapshot();
  triesBefore = tries();
});

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');
const tries = (): unknown => world.sql.prepare("select count(*) from deposit where state = 'ABORTED'").pluck().get();
let calls = 0;
const put = (body: string | Uint8Array | ReadableStream<Uint8Array>, type: string, headers = {}) =>
  world.call('PUT', `/v1/ingest/pbx/bad-${calls++}`, { key: world.harbour.uploader.key, type, headers, body });

async function refused(reply: Response, status: number, code: string, strict = true): Promise<void> {
  await expectProblem(reply, status, code);
  expect(await world.snapshot()).toEqual(before);
  // A rejection before the first stored byte leaves no deposit row either.
  if (strict) expect(tries()).toBe(triesBefore);
}

describe('Content-Digest', () => {
  const body = wav(1000);
  it.each([1000, 20_000_000])('that does not match %i bytes stores nothing', async (size) => {
    const headers = { 'content-digest': `sha-256=:${digest(body.subarray(1))}:` };
    await refused(await put(wav(size), 'audio/wav', headers), 400, 'digest_mismatch', false);
  });
  it.each([
    `md5=:${Buffer.alloc(16).toString('base64')}:`,
    `sha-512=:${Buffer.alloc(64).toString('base64')}:`,
    `sha-256=:${Buffer.alloc(31).toString('base64')}:`,
    `sha-256=${digest(body)}`,
    `sha-256="${digest(body)}"`,
    `sha-256=:${digest(body)}`,
    'sha-256',
    'sha-256=(:AA==:)',
    ',,,',
    '=:',
  ])('%s is rejected before the body', async (value) => {
    await refused(await put(body, 'audio/wav', { 'content-digest': value }), 400, 'malformed');
  });
  it('next to other digests is accepted', async () => {
    const value = `md5=:${Buffer.alloc(16).toString('base64')}:, sha-256=:${digest(body)}:`;
    expect((await put(body, 'audio/wav', { 'content-digest': value })).status).toBe(201);
  });
});

describe('media types', () => {
  const mpeg = Buffer.concat([Buffer.from('ID3'), Buffer.alloc(2000, 7)]);
  it.each([
    ['', 415, 'media_type_unsupported'],
    ['audio', 415, 'media_type_unsupported'],
    ['video/mp4', 415, 'media_type_unsupported'],
    ['text/html', 415, 'media_type_unsupported'],
    ['constructor/__proto__', 415, 'media_type_unsupported'],
    ['audio/mpeg', 415, 'media_type_mismatch'],
    ['audio/ogg', 415, 'media_type_mismatch'],
    ['audio/flac', 415, 'media_type_mismatch'],
    ['audio/mp4', 415, 'media_type_mismatch'],
  ])('a WAV as %j is rejected', async (type, status, code) => {
    await refused(await put(wav(1000), type), status, code);
  });
  it.each([mpeg, Buffer.from('<html><script>alert(1)</script>'), Buffer.from('RIFF....WAVE'), wav(10).subarray(0, 20)])(
    'other bytes as a WAV are rejected (%#)',
    async (bytes) => {
      await refused(await put(bytes, 'audio/wav'), 415, 'media_type_mismatch');
    },
  );
});

describe('size', () => {
  it('an empty body is rejected', async () => {
    await refused(await put('', 'audio/wav'), 400, 'body_empty');
  });
  it.each(['audio/wav', 'application/octet-stream'])('a header without sound is rejected as %s', async (type) => {
    await refused(await put(wav(0), type), 422, 'audio_empty');
  });
  it('a declared length over the limit is rejected before the first byte', async () => {
    const headers = { 'content-length': String(MOST + 1) };
    await refused(await put(wav(10), 'audio/wav', headers), 413, 'body_too_large');
  });
  it.each(['-1', '1e3', 'x', '9'.repeat(30)])('a Content-Length of %s stores nothing', async (length) => {
    const reply = await put(wav(10), 'audio/wav', { 'content-length': length });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.status).toBeLessThan(500);
    expect(await world.snapshot()).toEqual(before);
  });
  it('a body without length is rejected once it exceeds the limit', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(wav(1000)),
      pull: (controller) => controller.enqueue(Buffer.alloc(1_000_000)),
    });
    await refused(await put(body, 'audio/wav'), 413, 'body_too_large', false);
  });
});

/** Sends a head and part of a body over a socket, then ends or destroys it, and returns the reply. */
async function cut(head: string, body: Uint8Array, how: 'end' | 'destroy', pause = 50): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (piece) => {
    text += String(piece);
  });
  socket.on('error', () => undefined);
  const path = `/v1/ingest/pbx/cut-${calls++}`;
  const key = world.harbour.uploader.key;
  socket.write(
    `PUT ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: audio/wav\r\n${head}\r\n`,
  );
  await new Promise((resolve) => socket.write(body, resolve));
  await sleep(pause);
  if (how === 'end') socket.end();
  else socket.destroy();
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

/** Waits until no deposit is in progress. */
async function settled(): Promise<void> {
  const open = world.sql.prepare("select count(*) from deposit where state not in ('AVAILABLE', 'ABORTED')").pluck();
  await sleep(100);
  await until('no deposit is on its way', () => open.get() === 0);
}

describe('a cut body', () => {
  const small = wav(100_000);
  const large = wav(19_000_000);
  const chunked = (bytes: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
  it.each([
    ['shorter than declared, ended', 'content-length: 100100\r\n', small, 'end', 50],
    ['shorter than declared, destroyed', 'content-length: 100100\r\n', small, 'destroy', 50],
    ['nothing of what was declared', 'content-length: 100\r\n', Buffer.alloc(0), 'end', 50],
    ['less than a header', 'content-length: 100\r\n', small.subarray(0, 20), 'destroy', 50],
    ['chunked without its end', 'transfer-encoding: chunked\r\n', chunked(small), 'end', 50],
    ['chunked without its end, destroyed', 'transfer-encoding: chunked\r\n', chunked(small), 'destroy', 50],
    ['chunked, cut within a chunk', 'transfer-encoding: chunked\r\n', chunked(small).subarray(0, 9000), 'end', 50],
    ['chunked, with a bad chunk', 'transfer-encoding: chunked\r\n', Buffer.from('zz\r\nRIFF'), 'end', 50],
    ['several parts, ended', 'content-length: 20000000\r\n', large, 'end', 400],
    ['several parts, destroyed', 'content-length: 20000000\r\n', large, 'destroy', 400],
    ['several parts, chunked', 'transfer-encoding: chunked\r\n', chunked(large), 'destroy', 400],
  ] as const)('%s is not stored', async (_name, head, body, how, pause) => {
    const text = await cut(head, body, how, pause);
    await settled();
    expect(text).not.toMatch(/^HTTP\/1\.1 2/);
    expect(await world.snapshot()).toEqual(before);
    expect(world.answered.filter(({ status }) => status >= 500)).toEqual([]);
    // The long ones had stored parts, and were aborted.
    if (body.length > 15_000_000) expect(tries()).toBe(Number(triesBefore) + 1);
  });

  it('frees its call at once for a complete body', async () => {
    const head = 'content-length: 100100\r\n';
    await cut(head, small, 'destroy');
    await settled();
    const path = `/v1/ingest/pbx/cut-${calls - 1}`;
    const sent = { key: world.harbour.uploader.key, type: 'audio/wav', body: small };
    expect((await world.call('PUT', path, sent)).status).toBe(201);
    expect((await world.call('PUT', path, { ...sent, body: wav(100_000, 2) })).status).toBe(422);
  });
});

describe('a stored call', () => {
  it('accepts neither other bytes, nor another uploader’s', async () => {
    const sent = { key: world.harbour.uploader.key, type: 'audio/wav', body: wav(500) };
    expect((await world.call('PUT', '/v1/ingest/pbx/same', sent)).status).toBe(201);
    before = await world.snapshot(true);
    const differs = await world.call('PUT', '/v1/ingest/pbx/same', { ...sent, body: wav(500, 2) });
    await expectProblem(differs, 422, 'call_differs');
    for (const body of [wav(500), wav(500, 2)]) {
      const taken = await world.call('PUT', '/v1/ingest/pbx/same', { ...sent, key: world.harbour.other.key, body });
      await expectProblem(taken, 422, 'source_taken');
    }
    const json = { source: 'pbx', call_id: 'same' };
    const described = await world.call('POST', '/v1/recordings', { key: world.harbour.other.key, json });
    await expectProblem(described, 422, 'source_taken');
    expect(await world.snapshot(true)).toEqual(before);
    expect((await world.call('PUT', '/v1/ingest/pbx/same', { ...sent, key: world.yunhai.uploader.key })).status).toBe(
      201,
    );
  });
});

describe('a transcript', () => {
  const JSON_TYPE = 'application/vnd.callvault.transcript+json';
  const good = { start_ms: 0, end_ms: 1, channel: 0, text: 'secretword' };
  const of = (segments: unknown, rest = {}): string => JSON.stringify({ v: 1, language: 'en', segments, ...rest });
  it.each<readonly [string, string, string | Uint8Array, number, string]>([
    ['not UTF-8', JSON_TYPE, Buffer.from([0x7b, 0xff, 0x7d]), 400, 'transcript_invalid'],
    ['not UTF-8 WebVTT', 'text/vtt', Buffer.from('WEBVTT\n\xff', 'latin1'), 400, 'transcript_invalid'],
    ['not JSON', JSON_TYPE, '{"v":1,secretword', 400, 'transcript_invalid'],
    ['not WebVTT', 'text/vtt', 'secretword', 400, 'transcript_invalid'],
    ['a list', JSON_TYPE, '[]', 400, 'transcript_invalid'],
    ['of another language', JSON_TYPE, of([], { language: 'de' }), 400, 'transcript_invalid'],
    ['of another version', JSON_TYPE, of([], { v: 2 }), 400, 'transcript_invalid'],
    ['with an unknown member', JSON_TYPE, of([], { secretword: 1 }), 400, 'transcript_invalid'],
    ['with an unknown member within', JSON_TYPE, of([{ ...good, secretword: 1 }]), 400, 'transcript_invalid'],
    ['with an end before its start', JSON_TYPE, of([{ ...good, start_ms: 2 }]), 400, 'transcript_invalid'],
    ['with half a millisecond', JSON_TYPE, of([{ ...good, end_ms: 1.5 }]), 400, 'transcript_invalid'],
    ['with a bad word', JSON_TYPE, of([{ ...good, words: [{ text: 'secretword' }] }]), 400, 'transcript_invalid'],
    ['without segments', JSON_TYPE, of(undefined), 400, 'transcript_invalid'],
    ['deep', JSON_TYPE, `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`, 400, 'transcript_invalid'],
    ['not SRT', 'application/x-subrip', 'secretword\n', 400, 'transcript_invalid'],
    [
      'not UTF-8 SRT',
      'text/srt',
      Buffer.from('1\n00:00:01,000 --> 00:00:02,000\n\xff', 'latin1'),
      400,
      'transcript_invalid',
    ],
    ['WebVTT declared as SRT', 'text/srt', 'WEBVTT\n', 400, 'transcript_invalid'],
    ['of another type', 'text/html', 'WEBVTT\n', 415, 'media_type_unsupported'],
    ['of no known form', 'text/plain', 'secretword\n', 415, 'media_type_unsupported'],
    ['of no known form, with no type', 'application/octet-stream', 'secretword\n', 415, 'media_type_unsupported'],
    ['SRT of 10 MB', 'text/srt', `1\n00:00:01,000 --> 00:00:02,000\n${'x'.repeat(10_000_000)}`, 413, 'body_too_large'],
    ['empty', 'text/vtt', '', 400, 'body_empty'],
    ['over 7 MiB', 'text/vtt', `WEBVTT\n${'x'.repeat(7 * 1024 * 1024)}`, 413, 'body_too_large'],
  ])('%s is rejected', async (_name, type, body, status, code) => {
    const sent = { key: world.harbour.uploader.key, type, body };
    const reply = await world.call('PUT', `/v1/recordings/${recording}/transcripts/en`, sent);
    expect(await reply.clone().text()).not.toContain('secretword');
    await refused(reply, status, code);
  });
});
