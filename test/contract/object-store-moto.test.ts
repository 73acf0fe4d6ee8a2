// The S3 adapter keeps the contract of an object store on moto, but for what that does wrong.
import { objectStoreContract } from './object-store.ts';
import { buckets, prefixes } from './s3-stores.ts';

const LATE = { 'takes no part of an upload that was aborted': 'the answer is 500, where it should be NoSuchUpload' };

objectStoreContract({ name: 'S3 on moto', server: 'moto', cannot: LATE }, () => prefixes('moto'));
objectStoreContract({ name: 'S3 on moto with versions', server: 'moto', cannot: LATE }, () => buckets('moto'));
