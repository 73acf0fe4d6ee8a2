// The proxy in front of real servers: each mode works as described, and traffic passes again afterwards.
import { createHash, randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../needs.ts';
import { CEPH_CREDENTIALS } from '../servers/ceph.ts';
import { freshDatabase } from '../servers/postgres.ts';
import { serverOf } from '../servers/servers.ts';
import { type FaultProxy, startProxy } from './proxy.ts';

const BIG = randomBytes(2_000_000);
const PASS = { kind: 'pass' } as const;
const BUCKET = `proxy-${process.pid}`;

const ceph = needs('ceph');
describe.skipIf(!ceph.present)(`the proxy before Ceph RGW ${ceph.reason}`, () => {
  let proxy: FaultProxy;
  let s3: S3Client;
  let once: S3Client;

  beforeAll(async () => {
    proxy = await startProxy((await serverOf('ceph')).url);
    const how = { endpoint: proxy.url, region: 'us-east-1', credentials: CEPH_CREDENTIALS, forcePathStyle: true };
    const requestHandler = { connectionTimeout: 1_000, requestTimeout: 1_000, throwOnRequestTimeout: true };
    s3 = new S3Client({ ...how, retryMode: 'standard' });
    once = new S3Client({ ...how, maxAttempts: 1, requestHandler });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await put(s3, 'first');
    // The first upload of a new gateway takes seconds.
    await s3.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: 'first' }));
  });
  afterEach(() => proxy.set(PASS));
  afterAll(async () => {
    for (const client of [s3, once]) client.destroy();
    await proxy.close();
  });

  const put = (client: S3Client, Key: string, Body: Uint8Array | string = BIG) =>
    client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, IfNoneMatch: '*' }));
  const isThere = (Key: string) =>
    s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key })).then(
      () => true,
      () => false,
    );
  const reset = { code: expect.stringMatching(/ECONNRESET|EPIPE/) };

  it('forwards signed requests: the signed Host is the proxy’s, and RGW accepts it', async () => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'first' }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(BIG)).toBe(true);
    const credentials = { ...CEPH_CREDENTIALS, secretAccessKey: 'another' };
    const stranger = new S3Client({ endpoint: proxy.url, region: 'us-east-1', credentials, forcePathStyle: true });
    const listing = stranger.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    await expect(listing).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    stranger.destroy();
  });

  it('rejects connections, then accepts them again at the same address', async () => {
    await proxy.set({ kind: 'refuse' });
    await expect(put(once, 'refused')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(proxy.connections()).toBe(0);
    await proxy.set(PASS);
    expect(await isThere('refused')).toBe(false);
  });

  it('swallows requests without a reply', async () => {
    await proxy.set({ kind: 'black-hole' });
    await expect(put(once, 'swallowed')).rejects.toMatchObject({ name: 'TimeoutError' });
    await proxy.set(PASS);
    expect(await isThere('swallowed')).toBe(false);
  });

  it('cuts a request in the middle, so that the server does not execute it', async () => {
    await proxy.set({ kind: 'cut', direction: 'up', bytes: 1_000_000, times: 1 });
    await expect(put(once, 'cut-up')).rejects.toMatchObject(reset);
    expect(proxy.happened()).toBe(1);
    expect(await isThere('cut-up')).toBe(false);
    await put(once, 'cut-up');
  });

  it('cuts a body before its announced length', async () => {
    await proxy.set({ kind: 'cut', direction: 'down', bytes: 1_000_000, times: 1 });
    const { Body, ContentLength } = await once.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'first' }));
    expect(ContentLength).toBe(BIG.length);
    const got: Buffer[] = [];
    const reading = (async () => {
      for await (const piece of Body as AsyncIterable<Buffer>) got.push(piece);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
    const bytes = Buffer.concat(got);
    expect(bytes.length).toBeGreaterThan(990_000);
    expect(bytes.length).toBeLessThan(1_000_000);
    expect(bytes.equals(BIG.subarray(0, bytes.length))).toBe(true);
    expect(proxy.happened()).toBe(1);
  });

  it('loses the acknowledgement of a put that succeeded', async () => {
    await proxy.set({ kind: 'lose-reply', matching: 'PUT ', times: 1 });
    await expect(put(once, 'lost')).rejects.toMatchObject(reset);
    expect(proxy.happened()).toBe(1);
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'lost' }));
    expect(ETag).toBe(`"${createHash('md5').update(BIG).digest('hex')}"`);
    await proxy.set({ kind: 'lose-reply', matching: 'PUT ', times: 1 });
    await expect(put(s3, 'lost-and-retried')).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(proxy.happened()).toBe(1);
  });

  it('loses only the replies to matching requests, also of a completed upload', async () => {
    const where = { Bucket: BUCKET, Key: 'multi' };
    await proxy.set({ kind: 'lose-reply', matching: 'POST /', times: null });
    await expect(once.send(new CreateMultipartUploadCommand(where))).rejects.toMatchObject(reset);
    await proxy.set(PASS);
    const { UploadId } = await once.send(new CreateMultipartUploadCommand(where));
    await proxy.set({ kind: 'lose-reply', matching: 'POST /', times: 1 });
    const { ETag } = await once.send(new UploadPartCommand({ ...where, UploadId, PartNumber: 1, Body: 'part' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const completing = once.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload }));
    await expect(completing).rejects.toMatchObject(reset);
    const isWhole = () => isThere('multi');
    await expect.poll(isWhole).toBe(true);
  });

  it('adds its latency', async () => {
    await isThere('first');
    await proxy.set({ kind: 'latency', ms: 150 });
    const start = performance.now();
    expect(await isThere('first')).toBe(true);
    expect(performance.now() - start).toBeGreaterThan(295);
  });
});

const postgresql = needs('postgresql');
describe.skipIf(!postgresql.present)(`the proxy before PostgreSQL ${postgresql.reason}`, () => {
  let proxy: FaultProxy;
  let direct: pg.Client;

  const client = async (): Promise<pg.Client> => {
    const made = new pg.Client({ connectionString: proxy.url, connectionTimeoutMillis: 1_000 });
    // An idle connection emits an error when it ends, besides the rejected query.
    made.on('error', () => {});
    await made.connect();
    return made;
  };
  const count = async (id: number) => (await direct.query('select 1 from said where id = $1', [id])).rowCount;

  beforeAll(async () => {
    const url = await freshDatabase(await serverOf('postgresql'));
    proxy = await startProxy(url);
    direct = new pg.Client({ connectionString: url });
    await direct.connect();
    await direct.query('create table said (id integer primary key)');
  });
  afterEach(() => proxy.set(PASS));
  afterAll(async () => {
    await direct.end();
    await proxy.close();
  });

  it('loses the acknowledgement of a commit that succeeded', async () => {
    const through = await client();
    await proxy.set({ kind: 'lose-reply', matching: 'commit', times: 1 });
    await through.query('begin');
    await through.query('insert into said values ($1)', [1]);
    await expect(through.query('commit')).rejects.toThrow(/terminated/);
    expect(proxy.happened()).toBe(1);
    expect(await count(1)).toBe(1);
  });

  it('cuts before the server receives the commit, which is then not executed', async () => {
    const through = await client();
    await through.query('begin');
    await through.query('insert into said values ($1)', [2]);
    await proxy.set({ kind: 'cut', direction: 'up', bytes: 0, times: 1 });
    await expect(through.query('commit')).rejects.toThrow(/terminated/);
    expect(await count(2)).toBe(0);
  });

  it('rejects and swallows connections', async () => {
    await proxy.set({ kind: 'refuse' });
    await expect(client()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.set({ kind: 'black-hole' });
    await expect(client()).rejects.toThrow(/timeout/);
    await proxy.set(PASS);
    await (await client()).end();
  });
});
