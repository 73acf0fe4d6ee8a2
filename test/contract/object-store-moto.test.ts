// The S3 adapter keeps the contract of an object store on moto, but for what that does wrong.
import { objectStoreContract } from './object-store.ts';
import { buckets, prefixes } from './s3-stores.ts';

const UNMATCHED = {
  'replaces nothing that was replaced since': 'If-Match is ignored',
  'replaces nothing that is gone, and does not bring it back': 'If-Match is ignored',
  'lets exactly one of many concurrent replacements win': 'If-Match is ignored',
};
const CANNOT = {
  ...UNMATCHED,
  'takes no part of an upload that was aborted': 'the answer is 500, where it should be NoSuchUpload',
};

objectStoreContract({ name: 'S3 on moto', server: 'moto', cannot: CANNOT }, () => prefixes('moto'));
objectStoreContract({ name: 'S3 on moto with versions', server: 'moto', cannot: CANNOT }, () => buckets('moto'));
