// The S3 adapter beyond the contract: versions, interrupted bodies, stores that do not answer.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { s3 } from '../../src/adapters/aws/s3-client.ts';
import { toStoreError } from '../../src/adapters/aws/s3-errors.ts';
import { s3Store } from '../../src/adapters/aws/s3-store.ts';
import { sha256 } from '../../src/bytes/digest.ts';
import type { StoreLocation } from '../../src/model/tenant.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import { gather } from '../contract/tested-store.ts';
import { type Cut, type CuttingProxy, cuttingProxy } from '../support/cutting-proxy.ts';
import { needs } from '../support/needs.ts';
import { freshBucket, REGION, rawS3 } from '../support/servers/buckets.ts';
import { CEPH_CREDENTIALS } from '../support/servers/ceph.ts';
import type { Server } from '../support/servers/process.ts';
import { serverOf } from '../support/servers/servers.ts';

const wait = { signal: AbortSignal.timeout(3_600_000) };
const BYTES = randomBytes(1_000_000);
const SHORT = { connect: 400, attempt: 400, call: 1_000 };

function storeAt(endpoint: string, etag: 'quoted' | 'bare' = 'quoted'): ObjectStore {
  return s3Store({ endpoint, etag, credentials: CEPH_CREDENTIALS });
}

const ceph = needs('ceph');
describe.skipIf(!ceph.present)(`S3 over a real store ${ceph.reason}`, () => {
  let server: Server;
  let place: StoreLocation;
  let versioned: StoreLocation;
  let proxy: CuttingProxy | null = null;
  const through = async (cut: Cut): Promise<string> => {
    proxy = await cuttingProxy(server.url, cut);
    return proxy.url;
  };
  const replace = (where: StoreLocation, path: string, bytes: Buffer) =>
    rawS3(server).send(new PutObjectCommand({ Bucket: where.bucket, Key: `p/${path}`, Body: bytes }));

  beforeAll(async () => {
    server = await serverOf('ceph');
    place = { region: REGION, bucket: await freshBucket(server, 'unversioned'), prefix: 'p' };
    versioned = { region: REGION, bucket: await freshBucket(server, 'versioned'), prefix: 'p' };
    for (const where of [place, versioned]) await storeAt(server.url).put(where, 'big', BYTES, 'op1', wait);
  });
  afterEach(async () => {
    await proxy?.close();
    proxy = null;
  });

  it('continues an interrupted body', async () => {
    const store = storeAt(await through((n) => (n < 4 ? 200_000 : null)));
    const read = await gather(store.read(place, 'big', 1_000, 990_000, wait));
    expect(read.equals(BYTES.subarray(1_000, 990_000))).toBe(true);
    expect(proxy?.reads.map((asked) => /range: (.*)\r/i.exec(asked)?.[1])).toEqual([
      'bytes=1000-989999',
      'bytes=201000-989999',
      'bytes=401000-989999',
      'bytes=601000-989999',
      'bytes=801000-989999',
    ]);
  });

  it.each(['quoted', 'bare'] as const)('names the version it began by its %s ETag', async (etag) => {
    const store = storeAt(await through((n) => (n === 0 ? 10 : null)), etag);
    expect(await gather(store.read(place, 'big', 0, 20, wait))).toHaveLength(20);
    const asked = proxy?.reads.map((head) => /if-match: (.*)\r/i.exec(head)?.[1]);
    expect(asked?.[0]).toBeUndefined();
    expect(asked?.[1]).toMatch(etag === 'bare' ? /^[0-9a-f]{32}$/ : /^"[0-9a-f]{32}"$/);
  });

  it('replaces with a bare ETag, and names the setting to check where the store rejects quotes', async () => {
    const store = storeAt(server.url, 'bare');
    await store.put(place, 'tagged', randomBytes(9), 'op1', wait);
    const tag = (await store.get(place, 'tagged', 9, wait))?.tag ?? '';
    const quoted = storeAt(server.url).replace(place, 'tagged', randomBytes(9), tag, 'op2', wait);
    await expect(quoted).rejects.toThrow(/CALLVAULT_S3_ETAG/);
    expect(await store.replace(place, 'tagged', randomBytes(9), tag, 'op2', wait)).toBe(true);
  });

  it('aborts a body that makes no progress', async () => {
    const store = storeAt(await through(() => 0));
    const reading = gather(store.read(place, 'big', 0, 100, wait));
    await expect(reading).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(proxy?.reads).toHaveLength(4);
  });

  it('never continues with another version than it began', async () => {
    await storeAt(server.url).put(place, 'replaced', BYTES, 'op1', wait);
    const url = await through(async (n) => {
      if (n === 1) await replace(place, 'replaced', randomBytes(1_000_000));
      return n === 0 ? 5_000 : null;
    });
    const got: Uint8Array[] = [];
    const reading = async () => {
      for await (const piece of storeAt(url).read(place, 'replaced', 0, 1_000_000, wait)) got.push(piece);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'blob_missing' });
    expect(Buffer.concat(got).equals(BYTES.subarray(0, 5_000))).toBe(true);
  });

  it('continues the version it began when there is a newer one', async () => {
    await storeAt(server.url).put(versioned, 'newer', BYTES, 'op1', wait);
    const newer = randomBytes(1_000_000);
    const url = await through(async (n) => {
      if (n === 1) await replace(versioned, 'newer', newer);
      return n === 0 ? 5_000 : null;
    });
    const read = await gather(storeAt(url).read(versioned, 'newer', 0, 1_000_000, wait));
    expect(read.equals(BYTES)).toBe(true);
    const now = await gather(storeAt(server.url).read(versioned, 'newer', 0, 1_000_000, wait));
    expect(now.equals(newer)).toBe(true);
  });

  it('returns the version of a blob, and none where there are no versions', async () => {
    const store = storeAt(server.url);
    const { VersionId } = await replace(versioned, 'told', randomBytes(3));
    expect(await store.head(versioned, 'told', wait)).toEqual({ size: 3, version: VersionId });
    expect(await store.head(place, 'big', wait)).toEqual({ size: 1_000_000, version: null });
  });

  it('deletes every version of a blob and every marker, and nothing else', async () => {
    const { bucket } = versioned;
    const raw = rawS3(server);
    const remove = (path: string) => raw.send(new DeleteObjectCommand({ Bucket: bucket, Key: `p/${path}` }));
    for (let n = 0; n < 3; n++) await replace(versioned, 'v', randomBytes(3));
    await remove('v');
    await replace(versioned, 'v', randomBytes(3));
    await remove('v');
    await replace(versioned, 'v2', randomBytes(3));
    await remove('v2');
    const left = async () => {
      const page = await raw.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: 'p/v' }));
      return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key }) => Key);
    };
    expect(await left()).toHaveLength(8);
    await storeAt(server.url).delete(versioned, 'v', wait);
    expect(await left()).toEqual(['p/v2', 'p/v2']);
    await replace(versioned, 'v2/a', randomBytes(3));
    await storeAt(server.url).deleteUnder(versioned, 'v2', wait);
    expect(await left()).toEqual([]);
  });

  it('treats a missing bucket as an unavailable store, never as missing blobs', async () => {
    const store = storeAt(server.url);
    const gone = { ...place, bucket: `${place.bucket}-gone` };
    const away = { code: 'store_unavailable' };
    await expect(store.get(gone, 'a', 10, wait)).rejects.toMatchObject(away);
    await expect(store.head(gone, 'a', wait)).rejects.toMatchObject(away);
    await expect(gather(store.read(gone, 'a', 0, 10, wait))).rejects.toMatchObject(away);
    await expect(store.put(gone, 'a', BYTES, 'op', wait)).rejects.toMatchObject(away);
    await expect(store.delete(gone, 'a', wait)).rejects.toMatchObject(away);
    await expect(store.beginUpload(gone, 'a', 'op', wait)).rejects.toMatchObject(away);
  });

  it('treats a denial as an unavailable store, and reveals no names', async () => {
    const credentials = { ...CEPH_CREDENTIALS, secretAccessKey: 'another' };
    const store = s3Store({ endpoint: server.url, etag: 'quoted', credentials });
    const refused = await store.put(place, 'told-nobody', BYTES, 'op', wait).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'store_unavailable',
      retryAfter: 5,
      cause: { name: 'SignatureDoesNotMatch' },
    });
    expect(String(refused)).not.toMatch(new RegExp(`told-nobody|${place.bucket}|127.0.0.1`));
  });

  it('rejects a body with a wrong checksum', async () => {
    const { call } = s3({ endpoint: server.url, etag: 'quoted', credentials: CEPH_CREDENTIALS });
    const ChecksumSHA256 = sha256('another').toString('base64');
    const put = new PutObjectCommand({ Bucket: place.bucket, Key: 'p/damaged', Body: 'one', ChecksumSHA256 });
    const putting = call(place, wait, (client, options) => client.send(put, options));
    await expect(putting).rejects.toMatchObject({ cause: { name: 'XAmzContentSHA256Mismatch' } });
    expect(await storeAt(server.url).head(place, 'damaged', wait)).toBeNull();
  });

  it('closes a body that is not read to its end', async () => {
    const store = storeAt(server.url);
    // More than the maximum of connections.
    for (let n = 0; n < 300; n++) {
      for await (const _piece of store.read(place, 'big', 0, 1_000_000, wait)) break;
    }
    expect(await store.head(place, 'big', wait)).toMatchObject({ size: 1_000_000 });
  });
});

describe('S3 over a store that does not answer', () => {
  let server: NetServer;
  let store: ObjectStore;
  const sockets = new Set<Socket>();
  const place = { region: REGION, bucket: 'b', prefix: '' };
  const standing = async (answer: string): Promise<void> => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write(answer));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    store = s3Store({ endpoint, etag: 'quoted', credentials: CEPH_CREDENTIALS, deadlines: SHORT });
  };
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    server.close();
    await once(server, 'close');
  });

  it('ends in store_unavailable, in time', async () => {
    await standing('');
    const calls: (() => Promise<unknown>)[] = [
      () => store.put(place, 'a', BYTES, 'op', wait),
      () => store.replace(place, 'a', BYTES, 'tag', 'op', wait),
      () => store.get(place, 'a', 10, wait),
      () => store.delete(place, 'a', wait),
      () => store.completeUpload(place, { path: 'a', uploadId: 'u' }, ['s:e'], 'op', wait),
      () => gather(store.read(place, 'a', 0, 10, wait)),
    ];
    for (const call of calls) {
      const began = performance.now();
      await expect(call()).rejects.toMatchObject({ code: 'store_unavailable', retryAfter: 5 });
      expect(performance.now() - began).toBeLessThan(20_000);
    }
  });

  it('ends in store_unavailable when a body stalls, too', async () => {
    await standing('HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/10\r\nContent-Length: 10\r\n\r\n');
    const began = performance.now();
    const reading = gather(store.read(place, 'a', 0, 10, wait));
    await expect(reading).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(performance.now() - began).toBeLessThan(40 * SHORT.attempt + 20_000);
  });

  it('ends with the reason of the caller’s signal at once', async () => {
    await standing('');
    const caller = new AbortController();
    const reason = new Error('enough');
    const putting = store.put(place, 'a', BYTES, 'op', { signal: caller.signal });
    setTimeout(() => caller.abort(reason), 50);
    const began = performance.now();
    await expect(putting).rejects.toBe(reason);
    expect(performance.now() - began).toBeLessThan(SHORT.attempt * 10);
    await expect(store.put(place, 'a', BYTES, 'op', { signal: caller.signal })).rejects.toBe(reason);
  });

  it('rejects a reply with another range', async () => {
    await standing('HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1-2/10\r\nContent-Length: 2\r\n\r\nab');
    const reading = gather(store.read(place, 'a', 0, 2, wait));
    await expect(reading).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe('an error of the store', () => {
  it.each([
    ['7', 7],
    ['86400', 300],
    ['0', 5],
    ['soon', 5],
  ])('with Retry-After: %s is retried after %i seconds', (after, seconds) => {
    const slow = Object.assign(new Error('SlowDown'), { $response: { headers: { 'retry-after': after } } });
    expect(toStoreError(slow)).toMatchObject({ code: 'store_unavailable', retryAfter: seconds, cause: slow });
  });
});
