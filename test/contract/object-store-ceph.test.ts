// The contract of an object store over the S3 adapter on Ceph RGW, except the cases that Ceph RGW fails.
import { objectStoreContract } from './object-store.ts';
import { buckets, prefixes } from './s3-stores.ts';

const OVER = { 'completes no upload over another operation’s blob': 'If-None-Match on a completion is ignored' };
const REJECTED = 'If-Match is rejected with 412, whatever the ETag';
const UNCONDITIONAL = {
  'creates only: another operation gets blob_exists and changes nothing': 'If-None-Match is ignored',
  'lets exactly one of many concurrent puts to a name win': 'If-None-Match is ignored',
  'replaces a blob that is unchanged since it was read, again and again': REJECTED,
  'does not replace a blob that was replaced meanwhile': REJECTED,
  'treats the same replacement again as done': REJECTED,
  'lets exactly one of many concurrent replacements win': REJECTED,
  'deletes a replaced blob, and accepts a new blob under its name': REJECTED,
};

objectStoreContract({ name: 'S3 on Ceph RGW', server: 'ceph', cannot: OVER }, () => prefixes('ceph'));
objectStoreContract(
  { name: 'S3 on Ceph RGW with versions', server: 'ceph', cannot: { ...OVER, ...UNCONDITIONAL } },
  () => buckets('ceph'),
);
