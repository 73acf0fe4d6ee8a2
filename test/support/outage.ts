// The whole application over the double, with store and key service behind separate proxies, so that each can fail alone in
// every way; and views of bucket, database and disk afterwards.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { kmsKeys } from '../../src/adapters/aws/kms.ts';
import { s3Store } from '../../src/adapters/aws/s3-store.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import { doublePlace, REGION } from './double/adapters.ts';
import { s3At } from './double/clients.ts';
import { startDouble } from './double/double.ts';
import type { FaultEffect } from './double/faults.ts';
import { freshFixture } from './fixtures.ts';
import { type Leak, scanFolder, textCanary } from './leak-scanner.ts';
import { startProxy } from './proxy/proxy.ts';
import { makeWorld } from './world.ts';

/** A text in the uploader's bytes, to search for where it must not be. */
export const SPOKEN_CANARY = 'spoken canary +44 20 7946 0123 ';

/** A WAV whose sound repeats that text, `size` bytes in all. */
export function wavWithCanary(wav: Buffer): Buffer {
  const sound = Buffer.alloc(wav.length - 44).fill(SPOKEN_CANARY);
  return Buffer.concat([wav.subarray(0, 44), sound]);
}

/** Milliseconds. The store's adapter gets deadlines that a test can wait for; the key service keeps its own. */
const DEADLINES = { connect: 1_000, attempt: 2_000, call: 5_000 };

/** Failures by name: of the network, or as an answer. */
export const OUTAGE_KINDS = ['refused', 'internal', 'throttle', 'black hole', 'hang-up'] as const;
export type OutageKind = (typeof OUTAGE_KINDS)[number];

const ANSWER_OF_OUTAGE: Readonly<Partial<Record<OutageKind, FaultEffect>>> = {
  internal: { kind: 'internal' },
  throttle: { kind: 'throttle' },
  'hang-up': { kind: 'hang-up', when: 'before' },
};

export type Outage = Awaited<ReturnType<typeof openOutage>>;

/** A new outage for each test. */
export function freshOutage(): Outage {
  return freshFixture(openOutage, (outage) => outage.end());
}

/** Opens it over SQLite. `end` removes everything. */
export async function openOutage() {
  const folder = await mkdtemp(join(tmpdir(), 'callvault-outage-'));
  const before = process.env['TMPDIR'];
  // Code that writes temporary files writes them where the test searches.
  process.env['TMPDIR'] = folder;
  const double = await startDouble();
  const [storeProxy, keysProxy] = [await startProxy(double.url), await startProxy(double.url)];
  const place = await doublePlace(double, 'versioned');
  const as = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: 'secret' });
  const engines = {
    store: s3Store({ endpoint: storeProxy.url, etag: 'quoted', credentials: as('STORE'), deadlines: DEADLINES }),
    keys: kmsKeys({ endpoint: keysProxy.url, region: REGION, credentials: as('KEYS') }),
    place,
  };
  const world = await makeWorld({ engines });
  // Snapshots look for blobs here, so they show any code that writes here.
  await mkdir(join(world.folder, 'store'));
  const raw = s3At(double);
  const Bucket = place.bucket;

  const kill = async (what: 'store' | 'keys', how: OutageKind): Promise<void> => {
    const proxy = what === 'store' ? storeProxy : keysProxy;
    const trouble = ANSWER_OF_OUTAGE[how];
    if (trouble !== undefined) {
      const caller = what === 'store' ? 'STORE' : 'KEYS';
      await double.fault({ ...trouble, operation: '*', times: null, where: { caller } });
    } else {
      await proxy.set({ kind: how === 'refused' ? 'refuse' : 'black-hole' });
    }
  };

  /** The list of recordings, as Harbour Bank's reviewer gets it. */
  const list = () => world.call('GET', '/v1/recordings', { key: world.harbour.reviewer.key });

  return {
    world,
    double,
    kill,
    list,
    /** The ids of listed recordings. */
    ids: async (): Promise<string[]> =>
      ((await (await list()).json()) as { data: { id: string }[] }).data.map(({ id }) => id),
    /** The sound of a session of Harbour Bank's reviewer. */
    media: (session: string, headers: Readonly<Record<string, string>> = {}) =>
      world.call('GET', `/v1/sessions/${session}/media`, { key: world.harbour.reviewer.key, headers }),
    /** Ends both failures. */
    revive: async (): Promise<void> => {
      await double.clearFaults();
      for (const proxy of [storeProxy, keysProxy]) await proxy.set({ kind: 'pass' });
    },
    /** Keys of all blobs, each version. */
    blobs: async (): Promise<string[]> => {
      const { Versions = [] } = await raw.send(new ListObjectVersionsCommand({ Bucket }));
      return Versions.map(({ Key, VersionId }) => `${Key} ${VersionId}`).sort();
    },
    /** Keys of open uploads. */
    uploads: async (): Promise<string[]> => {
      const { Uploads = [] } = await raw.send(new ListMultipartUploadsCommand({ Bucket }));
      return Uploads.map(({ Key }) => Key ?? '');
    },
    /** Deposits that are neither available nor aborted. */
    unsettled: () => world.vault.db.read((rows) => rows.deposits.stale('9999', 100), minuteRequest()),
    /** The spoken text, and every data key, found anywhere on this machine's disk. */
    leaks: async (): Promise<Leak[]> =>
      scanFolder(folder, [textCanary('spoken', SPOKEN_CANARY.trim()), ...(await double.dataKeys())]),
    end: async (): Promise<void> => {
      await world.end();
      raw.destroy();
      for (const one of [storeProxy, keysProxy, double]) await one.close();
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function minuteRequest(): RequestContext {
  return { signal: AbortSignal.timeout(600_000) };
}
