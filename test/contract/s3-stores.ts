// The S3 adapter over real servers, for its contract suites.
import { s3Store } from '../../src/adapters/aws/s3-store.ts';
import { freshBucket, REGION } from '../support/servers/buckets.ts';
import { CEPH_CREDENTIALS } from '../support/servers/ceph.ts';
import { type ServerName, serverOf } from '../support/servers/servers.ts';
import type { TestedStore } from './tested-store.ts';

/** One bucket, with locations that differ in their prefixes. */
export async function prefixes(name: ServerName): Promise<TestedStore> {
  const server = await serverOf(name);
  const bucket = await freshBucket(server, 'unversioned');
  const store = s3Store({
    endpoint: server.url,
    etag: name === 'ceph' ? 'bare' : 'quoted',
    credentials: CEPH_CREDENTIALS,
  });
  const place = { region: REGION, bucket, prefix: 'a place/录音+1' };
  return { store, place, other: { ...place, prefix: 'a place' }, close: async () => undefined };
}

/** A versioned bucket for each location, without a prefix. */
export async function buckets(name: ServerName): Promise<TestedStore> {
  const server = await serverOf(name);
  const [bucket, other] = [await freshBucket(server, 'versioned'), await freshBucket(server, 'versioned')];
  const store = s3Store({ endpoint: server.url, etag: 'bare', credentials: CEPH_CREDENTIALS });
  const place = { region: REGION, bucket, prefix: '' };
  return { store, place, other: { ...place, bucket: other }, close: async () => undefined };
}
