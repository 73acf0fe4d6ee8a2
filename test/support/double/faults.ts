// Faults of the double: what happens, to which calls, how often.
import type { ServiceCall } from './call.ts';
import { isLike } from './iam/conditions.ts';

/** The calls that a fault applies to. All members must match; `*` and `?` are wildcards in `key` and `keyId`. */
export type CallFilter = {
  readonly caller?: string;
  readonly bucket?: string;
  readonly key?: string;
  readonly part?: number;
  readonly keyId?: string;
  readonly context?: Readonly<Record<string, string>>;
};

/** The effect. Sizes are bytes of the reply's body. */
export type FaultEffect =
  /** SlowDown or ThrottlingException. */
  | { readonly kind: 'throttle' }
  /** InternalError or KMSInternalException. */
  | { readonly kind: 'internal' }
  /** Any error, in the service's form. */
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  /** S3 sends 200 before it finds the error: the body is the error. */
  | { readonly kind: 'error-in-200'; readonly code: string }
  /** The connection ends: with the request unread, half read, or executed but not acknowledged. */
  | { readonly kind: 'hang-up'; readonly when: 'before' | 'middle' | 'after' }
  /** No reply ever: with the request not executed, or executed. */
  | { readonly kind: 'black-hole'; readonly when: 'before' | 'after' }
  /** The connection ends after so many bytes of the announced length. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** The body stalls after so many bytes of the announced length. */
  | { readonly kind: 'stall'; readonly bytes: number }
  /** The body is slow. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** The call waits before it is processed. */
  | { readonly kind: 'delay'; readonly ms: number };

/** `operation` is one of the service's API or `*`; `times` null means until cleared; the first `skip` calls pass. */
export type Fault = FaultEffect & {
  readonly operation: string;
  readonly times: number | null;
  readonly skip?: number;
  readonly where?: CallFilter;
};

/** A fault with the numbers of calls that it still skips and affects, and that it has affected. */
export type PlannedFault = { readonly fault: Fault; skip: number; left: number; happened: number };

export function planned(fault: Fault): PlannedFault {
  return { fault, skip: fault.skip ?? 0, left: fault.times ?? Number.POSITIVE_INFINITY, happened: 0 };
}

/** The fault of this call, if any: the first that matches. A skipped call counts as passed. */
export function takeFault(faults: readonly PlannedFault[], call: ServiceCall): FaultEffect | null {
  for (const plan of faults) {
    if (plan.left === 0 || !matches(plan.fault, call)) continue;
    if (plan.skip > 0) {
      plan.skip -= 1;
      continue;
    }
    plan.left -= 1;
    plan.happened += 1;
    return plan.fault;
  }
  return null;
}

function matches({ operation, where = {} }: Fault, call: ServiceCall): boolean {
  if (operation !== '*' && operation !== call.operation) return false;
  if (where.caller !== undefined && where.caller !== call.caller) return false;
  if (where.bucket !== undefined && where.bucket !== call.bucket) return false;
  if (where.key !== undefined && !isLike(call.key, where.key)) return false;
  if (where.part !== undefined && where.part !== partOf(call)) return false;
  if (where.keyId !== undefined && !isLike(keyIdOf(call) ?? '', where.keyId)) return false;
  const context = contextOf(call);
  return Object.entries(where.context ?? {}).every(([name, value]) => context[name] === value);
}

/** The part number of an UploadPart, from 1. */
export function partOf({ query }: ServiceCall): number | null {
  const part = query.get('partNumber');
  return part === null ? null : Number(part);
}

/** The key of a KMS call, by the name that the call uses. */
export function keyIdOf({ input }: ServiceCall): string | null {
  const id = input['KeyId'] ?? input['SourceKeyId'] ?? input['TargetKeyId'];
  return typeof id === 'string' ? id : null;
}

/** The encryption context of a KMS call; of a ReEncrypt, the source's. */
export function contextOf({ input }: ServiceCall): Readonly<Record<string, string>> {
  return (input['EncryptionContext'] ?? input['SourceEncryptionContext'] ?? {}) as Record<string, string>;
}
