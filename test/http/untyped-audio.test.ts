// Audio without a declared type, in every way that a body arrives: small, in parts, of unknown length, in tiny pieces.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import { PART } from '../../src/envelope/sizes.ts';
import { mediaFile } from '../support/media-files.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();
let url: string;
beforeAll(async () => {
  ({ url } = await world.listen());
});

type Told = { readonly status: number; readonly body: Record<string, unknown> };
type Sent = { readonly type?: string; readonly length?: number };

/** Uploads pieces one after another, each in a chunk where no length is declared. */
async function put(path: string, pieces: Iterable<Uint8Array>, { type, length }: Sent = {}): Promise<Told> {
  const headers = {
    authorization: `Bearer ${world.harbour.uploader.key}`,
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(length === undefined ? {} : { 'content-length': length }),
  };
  const sending = request(`${url}${path}`, { method: 'PUT', headers });
  const replied = once(sending, 'response') as Promise<[IncomingMessage]>;
  // It is awaited only after the last piece.
  replied.catch(() => undefined);
  for (const piece of pieces) await new Promise((sent) => sending.write(piece, sent));
  sending.end();
  const [reply] = await replied;
  return { status: reply.statusCode ?? 0, body: JSON.parse(await text(reply)) as Told['body'] };
}

async function typesOf({ body }: Told): Promise<(string | undefined)[]> {
  const rows = await world.vault.db.read(
    ({ deposits }) => deposits.objects(world.harbour.tenant, String(body['deposit'])),
    { signal: AbortSignal.timeout(60_000) },
  );
  return rows.map(({ name, type }) => `${name} ${type}`).sort();
}

const LARGE = wav(PART + 100_000);
const MP3 = mediaFile('vbr.mp3');
function* dribbled(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < 30; at += 3) yield bytes.subarray(at, at + 3);
  yield bytes.subarray(30);
}
const OCTETS = 'application/octet-stream';

describe('audio without a declared type', () => {
  it.each<readonly [string, string, Uint8Array, string, Sent]>([
    ['of one part', 'wav', wav(40_000), 'audio/wav', { length: wav(40_000).length }],
    ['of unknown length', 'wav', wav(40_000), 'audio/wav', {}],
    ['of more than one part', 'wav', LARGE, 'audio/wav', { length: LARGE.length }],
    ['of more than one part and unknown length', 'wav', LARGE, 'audio/wav', { type: OCTETS }],
    ['in MP3', 'mp3', MP3, 'audio/mpeg', { length: MP3.length, type: OCTETS }],
    ['in MP3 of unknown length', 'mp3', MP3, 'audio/mpeg', {}],
  ])(
    '%s has the type of its first bytes, also where they arrive in small pieces',
    async (name, _, bytes, type, sent) => {
      const path = `/v1/ingest/pbx/${encodeURIComponent(name)}`;
      const first = await put(path, dribbled(bytes), sent);
      expect(first.status).toBe(201);
      expect(await typesOf(first)).toEqual([`audio ${type}`, 'peaks application/vnd.callvault.peaks']);
      const before = await world.snapshot();
      for (const declared of [{}, { type: OCTETS }, { type }]) {
        const again = await put(path, [bytes], { length: bytes.length, ...declared });
        expect([again.status, again.body]).toEqual([200, first.body]);
      }
      expect(await world.snapshot()).toEqual(before);
    },
  );

  it('whose upload was cut has the type of the upload that follows', async () => {
    for (const [length, path] of [
      [wav(40_000).length, '/v1/ingest/pbx/cut-1'],
      [LARGE.length, '/v1/ingest/pbx/cut-2'],
    ] as const) {
      const headers = { authorization: `Bearer ${world.harbour.uploader.key}`, 'content-length': length };
      const sending = request(`${url}${path}`, { method: 'PUT', headers });
      sending.once('error', () => undefined);
      await new Promise((sent) => sending.write(MP3, sent));
      sending.destroy();
      let told: Told = { status: 503, body: {} };
      await until('the cut upload has ended', async () => {
        told = await put(path, [wav(1000)], { length: wav(1000).length });
        return told.status !== 503;
      });
      expect(told.status).toBe(201);
      expect(await typesOf(told)).toContain('audio audio/wav');
    }
  });

  it('joins a described call in parts', async () => {
    const json = { source: 'pbx', call_id: 'described' };
    const described = await world.call('POST', '/v1/recordings', { key: world.harbour.uploader.key, json });
    const { recording } = (await described.json()) as { recording: string };
    const told = await put(`/v1/recordings/${recording}/audio`, dribbled(LARGE));
    expect(told.status).toBe(201);
    expect(await typesOf(told)).toContain('audio audio/wav');
  });

  it.each([undefined, LARGE.length])('that is none is rejected before it is claimed (length %s)', async (length) => {
    const before = await world.snapshot(true);
    const page = Buffer.concat([Buffer.from('<!doctype html>'), Buffer.alloc(LARGE.length - 15, 0x20)]);
    const told = await put('/v1/ingest/pbx/none', [page.subarray(0, 70_000), page.subarray(70_000)], {
      ...(length === undefined ? {} : { length }),
    }).catch(() => null);
    // The server answers before the end of the body, and may close the connection on a client that still sends.
    if (told !== null) expect([told.status, told.body['code']]).toEqual([415, 'media_type_unsupported']);
    expect(await world.snapshot(true)).toEqual(before);
  });
});
