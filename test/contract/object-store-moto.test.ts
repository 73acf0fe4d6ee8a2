// The contract of an object store over the S3 adapter on moto, except the cases that moto fails.
import { objectStoreContract } from './object-store.ts';
import { buckets, prefixes } from './s3-stores.ts';

const UNMATCHED = {
  'does not replace a blob that was replaced meanwhile': 'If-Match is ignored',
  'does not replace or restore a deleted blob': 'If-Match is ignored',
  'lets exactly one of many concurrent replacements win': 'If-Match is ignored',
};
const CANNOT = {
  ...UNMATCHED,
  'accepts no part of an aborted upload': 'the answer is 500 instead of NoSuchUpload',
};

objectStoreContract({ name: 'S3 on moto', server: 'moto', cannot: CANNOT }, () => prefixes('moto'));
objectStoreContract({ name: 'S3 on moto with versions', server: 'moto', cannot: CANNOT }, () => buckets('moto'));
