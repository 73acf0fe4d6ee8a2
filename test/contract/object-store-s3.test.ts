// The S3 adapter keeps the contract of an object store on real servers, each with what it does wrong.
import { s3Store } from '../../src/adapters/aws/s3-store.ts';
import { freshBucket, REGION } from '../support/servers/buckets.ts';
import { CEPH_CREDENTIALS } from '../support/servers/ceph.ts';
import { type ServerName, serverOf } from '../support/servers/servers.ts';
import { objectStoreContract, type TestedStore } from './object-store.ts';

/** One bucket, its places told apart by their prefixes. */
async function prefixes(name: ServerName): Promise<TestedStore> {
  const server = await serverOf(name);
  const bucket = await freshBucket(server, 'unversioned');
  const store = s3Store({ endpoint: server.url, etag: 'quoted', credentials: CEPH_CREDENTIALS });
  const place = { region: REGION, bucket, prefix: 'a place/录音+1' };
  return { store, place, other: { ...place, prefix: 'a place' }, close: async () => undefined };
}

/** A bucket with versions for each place, without any prefix. */
async function buckets(name: ServerName): Promise<TestedStore> {
  const server = await serverOf(name);
  const [bucket, other] = [await freshBucket(server, 'versioned'), await freshBucket(server, 'versioned')];
  const store = s3Store({ endpoint: server.url, etag: 'bare', credentials: CEPH_CREDENTIALS });
  const place = { region: REGION, bucket, prefix: '' };
  return { store, place, other: { ...place, bucket: other }, close: async () => undefined };
}

const OVER = { 'completes nothing over another operation’s blob': 'If-None-Match on a completion is ignored' };
const UNCONDITIONAL = {
  'creates only: another operation finds blob_exists and changes nothing': 'If-None-Match is ignored',
  'lets exactly one of many concurrent puts to a name win': 'If-None-Match is ignored',
};
const LATE = { 'takes no part of an upload that was aborted': 'the answer is 500, where it should be NoSuchUpload' };

objectStoreContract({ name: 'S3 on Ceph RGW', server: 'ceph', cannot: OVER }, () => prefixes('ceph'));
objectStoreContract(
  { name: 'S3 on Ceph RGW with versions', server: 'ceph', cannot: { ...OVER, ...UNCONDITIONAL } },
  () => buckets('ceph'),
);
objectStoreContract({ name: 'S3 on moto', server: 'moto', cannot: LATE }, () => prefixes('moto'));
objectStoreContract({ name: 'S3 on moto with versions', server: 'moto', cannot: LATE }, () => buckets('moto'));
