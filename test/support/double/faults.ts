// Faults that the double can be told: what happens, to which calls, how often.
import type { ServiceCall } from './call.ts';
import { isLike } from './iam/conditions.ts';

/** Which calls a fault is for. All that is given must match; `*` and `?` are wildcards in `key` and `keyId`. */
export type CallFilter = {
  readonly caller?: string;
  readonly bucket?: string;
  readonly key?: string;
  readonly part?: number;
  readonly keyId?: string;
  readonly context?: Readonly<Record<string, string>>;
};

/** What happens. Sizes are bytes of the reply's body. */
export type FaultEffect =
  /** SlowDown or ThrottlingException. */
  | { readonly kind: 'throttle' }
  /** InternalError or KMSInternalException. */
  | { readonly kind: 'internal' }
  /** Any error, as the service would shape it. */
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  /** S3 begins its 200 and finds the error later: the status lies, the body is an error. */
  | { readonly kind: 'error-in-200'; readonly code: string }
  /** The connection ends: with the request unread, half read, or done and not acknowledged. */
  | { readonly kind: 'hang-up'; readonly when: 'before' | 'middle' | 'after' }
  /** No answer ever: with nothing done, or with everything done. */
  | { readonly kind: 'black-hole'; readonly when: 'before' | 'after' }
  /** The length is promised, the connection ends after so many bytes. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** The length is promised, after so many bytes no more come. */
  | { readonly kind: 'stall'; readonly bytes: number }
  /** The body comes slowly. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** The call waits before it is looked at. */
  | { readonly kind: 'delay'; readonly ms: number };

/** `operation` is one of the service's API or `*`; `times` null means until cleared; the first `skip` calls pass. */
export type Fault = FaultEffect & {
  readonly operation: string;
  readonly times: number | null;
  readonly skip?: number;
  readonly where?: CallFilter;
};

/** A fault with how often it still passes and happens, and how often it did. */
export type PlannedFault = { readonly fault: Fault; skip: number; left: number; happened: number };

export function planned(fault: Fault): PlannedFault {
  return { fault, skip: fault.skip ?? 0, left: fault.times ?? Number.POSITIVE_INFINITY, happened: 0 };
}

/** The trouble of this call, if any: the first fault that matches. A skipped call counts as one that passed. */
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

/** The key that a KMS call names, as it names it. */
export function keyIdOf({ input }: ServiceCall): string | null {
  const id = input['KeyId'] ?? input['SourceKeyId'] ?? input['TargetKeyId'];
  return typeof id === 'string' ? id : null;
}

/** The encryption context of a KMS call; of a ReEncrypt, the one it is wrapped under so far. */
export function contextOf({ input }: ServiceCall): Readonly<Record<string, string>> {
  return (input['EncryptionContext'] ?? input['SourceEncryptionContext'] ?? {}) as Record<string, string>;
}
