// All that the double remembers: blobs, keys, policies, faults to come, and every call that it got.

import type { PlannedFault } from './faults.ts';
import type { Statement } from './iam/policy.ts';
import type { MasterKey } from './kms/master-key.ts';
import type { Bucket } from './s3/bucket.ts';

/** A call that came. `status` is null where no reply was sent; `effect` says whether the operation was done. */
export type CallRecord = {
  readonly n: number;
  readonly operation: string;
  readonly caller: string;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  readonly part: number | null;
  readonly version: string | null;
  readonly range: string | null;
  readonly ifMatch: string | null;
  readonly keyId: string | null;
  readonly context: Readonly<Record<string, string>>;
  readonly fault: string | null;
  status: number | null;
  code: string | null;
  effect: boolean;
};

export type Settings = {
  /** How long a key goes on working after its state was changed: milliseconds, or null for until this is set again. */
  readonly propagationMs: number | null;
  /** Entries on a page of any list, at most. */
  readonly pageSize: number;
  /** At how many looks a rotation on demand goes on; 0 where it is done at once. */
  readonly rotationLooks: number;
  /** How often a key is rotated on demand, at most. */
  readonly mostRotations: number;
};

export type DoubleState = {
  readonly buckets: Map<string, Bucket>;
  /** By ARN. */
  readonly keys: Map<string, MasterKey>;
  /** ARN of the alias → ARN of the key. */
  readonly aliases: Map<string, string>;
  /** By access key id; a caller without one may do everything. */
  readonly policies: Map<string, readonly Statement[]>;
  /** What nobody may do. */
  denied: readonly Statement[];
  faults: PlannedFault[];
  calls: CallRecord[];
  /** Every data key it generated, in clear. */
  readonly dataKeys: Buffer[];
  settings: Settings;
};

export function newDoubleState(): DoubleState {
  return {
    buckets: new Map(),
    keys: new Map(),
    aliases: new Map(),
    policies: new Map(),
    denied: [],
    faults: [],
    calls: [],
    dataKeys: [],
    settings: { propagationMs: 0, pageSize: 1000, rotationLooks: 0, mostRotations: 25 },
  };
}
