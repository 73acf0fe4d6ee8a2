// The fixture of suites about faults of the object store: a double, the adapter over it, and a new location for each test.
import { randomBytes } from 'node:crypto';
import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { SEALED_PART } from '../../../src/envelope/sizes.ts';
import type { StoreLocation } from '../../../src/model/tenant.ts';
import type { ObjectStore } from '../../../src/ports/object-store.ts';
import { gather, wait } from '../../contract/tested-store.ts';
import { doublePlace, doubleStore } from './adapters.ts';
import { s3At } from './clients.ts';
import { type Double, startDouble } from './double.ts';
import type { FaultEffect } from './faults.ts';

/** The port's error for a transient failure. */
export const STORE_UNAVAILABLE = { code: 'store_unavailable', retryAfter: expect.any(Number) };
export const BYTES = randomBytes(1_000_000);
export const REPLY_LOST = { kind: 'hang-up', when: 'after' } as const;
/** Deadlines of the hasty adapter, in milliseconds. */
export const SHORT_DEADLINES = { connect: 300, attempt: 300, call: 1_500 };

type Opened = {
  double: Double;
  /** The SDK's client, without the adapter. */
  raw: S3Client;
  store: ObjectStore;
  /** The adapter with short deadlines. */
  hasty: ObjectStore;
  /** In a versioned bucket, so that a second effect shows. */
  place: StoreLocation;
};

/** Registers the hooks of a suite; the members of `on` exist once its tests run. */
export function setUpStoreSuite() {
  const on = {} as Opened;
  beforeAll(async () => {
    on.double = await startDouble();
    on.raw = s3At(on.double);
    [on.store, on.hasty] = [doubleStore(on.double), doubleStore(on.double, SHORT_DEADLINES)];
  });
  afterAll(async () => {
    on.raw.destroy();
    await on.double.close();
  });
  beforeEach(async () => {
    await on.double.reset();
    on.place = await doublePlace(on.double, 'versioned');
  });
  return {
    on,
    put: (path: string, bytes: Uint8Array = BYTES, op = 'op1', by = on.store) =>
      by.put(on.place, path, bytes, op, wait),
    whole: (path: string, by = on.store) => gather(by.read(on.place, path, 0, BYTES.length, wait)),
    /** The number of versions of a name: more than one is a second effect. */
    versions: async (path: string): Promise<number> => {
      const page = await on.raw.send(new ListObjectVersionsCommand({ Bucket: on.place.bucket, Prefix: path }));
      return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].filter(({ Key }) => Key === path).length;
    },
    /** The number of calls of an operation. */
    asked: async (operation: string) => (await on.double.calls(operation)).length,
    fault: (operation: string, trouble: FaultEffect, times: number | null = 1) =>
      on.double.fault({ ...trouble, operation, times }),
    /** An upload whose parts are stored. */
    begun: async (path: string) => {
      const upload = { path, uploadId: await on.store.beginUpload(on.place, path, 'op1', wait) };
      const parts = [randomBytes(SEALED_PART), randomBytes(1_000)];
      const receipts: string[] = [];
      for (const [n, part] of parts.entries()) {
        receipts.push(await on.store.putPart(on.place, upload, n, part, wait));
      }
      return { upload, receipts, bytes: Buffer.concat(parts) };
    },
  };
}
