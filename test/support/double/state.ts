// The state of the double: blobs, keys, policies, pending faults, and every call it has received.

import type { PlannedFault } from './faults.ts';
import type { Statement } from './iam/policy.ts';
import type { MasterKey } from './kms/master-key.ts';
import type { Bucket } from './s3/bucket.ts';

/** A received call. `status` is null if no reply was sent; `effect` is whether the operation was executed. */
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
  /** How long a key still works after a change of its state: milliseconds, or null for until this setting changes. */
  readonly propagationMs: number | null;
  /** For how many status requests a rotation on demand stays in progress; 0 if it completes at once. */
  readonly rotationLooks: number;
  /** The maximum number of rotations on demand of a key. */
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
  /** Denied to every caller. */
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
    settings: { propagationMs: 0, rotationLooks: 0, mostRotations: 25 },
  };
}
