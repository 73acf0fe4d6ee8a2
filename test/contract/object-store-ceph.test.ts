// The S3 adapter keeps the contract of an object store on Ceph RGW, but for what that does wrong.
import { objectStoreContract } from './object-store.ts';
import { buckets, prefixes } from './s3-stores.ts';

const OVER = { 'completes nothing over another operation’s blob': 'If-None-Match on a completion is ignored' };
const REFUSED = 'If-Match is refused with 412, whatever the ETag';
const UNCONDITIONAL = {
  'creates only: another operation finds blob_exists and changes nothing': 'If-None-Match is ignored',
  'lets exactly one of many concurrent puts to a name win': 'If-None-Match is ignored',
  'replaces a blob that is still the one that was read, again and again': REFUSED,
  'replaces nothing that was replaced since': REFUSED,
  'takes the same replacement again for done': REFUSED,
  'lets exactly one of many concurrent replacements win': REFUSED,
  'deletes what was replaced, and takes a new blob there': REFUSED,
};

objectStoreContract({ name: 'S3 on Ceph RGW', server: 'ceph', cannot: OVER }, () => prefixes('ceph'));
objectStoreContract(
  { name: 'S3 on Ceph RGW with versions', server: 'ceph', cannot: { ...OVER, ...UNCONDITIONAL } },
  () => buckets('ceph'),
);
