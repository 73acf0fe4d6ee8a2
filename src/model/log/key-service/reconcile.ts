// The log of the key service held against the tenants' logs: who unwrapped a key, and does a log account for it.
import type { KeyLedger, Served } from './key-ledger.ts';
import type { CallContext, KmsCall } from './kms-call.ts';
import { HOUR_MS, MINUTE_MS } from './spans.ts';

/** The SDK repeats a call whose answer was lost. */
const REPEAT_MS = 15_000;
/** The window of the newest uses is closed by then. */
const CLOSED_MS = 10 * MINUTE_MS;

/**
 * `kms_foreign`: a call by another role. `kms_moved`: a re-encryption that changes more than the generation, or
 * to a key that is not the tenant's.
 * `kms_unexplained`: a call that no event accounts for. `kms_silent`: bytes served without a call.
 */
export type KmsCode = 'kms_foreign' | 'kms_moved' | 'kms_unexplained' | 'kms_silent';

/** A finding: `id` is of the record of the call, or of the session that served. */
export type KmsFinding = {
  readonly code: KmsCode;
  readonly id: string;
  readonly at: number;
  readonly tenant: string;
  /** The operation and what it was for; of a session, its recording. */
  readonly about: string;
};

/**
 * `not_judged`: calls of the newest hour, or of before the log. `other_tenant`: calls of tenants whose log was not given.
 * `data_key_unused`: data keys made for no upload that the log knows. `volume`: sessions under KEKs, which need no call.
 * `challenge_unchecked`: proofs of keys, which need the deployment's log.
 */
export type KmsNotice = 'not_judged' | 'other_tenant' | 'data_key_unused' | 'volume' | 'challenge_unchecked';

/** What is held together. */
export type Reconciling = {
  /** In any order. */
  readonly calls: readonly KmsCall[];
  /** The logs by tenant. */
  readonly ledgers: ReadonlyMap<string, KeyLedger>;
  /** That of the deployment's log; null where it was not given. */
  readonly deployment: KeyLedger | null;
  /** The ARNs of callvault's roles. */
  readonly roles: ReadonlySet<string>;
  /** The times of the oldest and the newest record of the key service's log. */
  readonly from: number;
  readonly to: number;
};

export type Reconciled = {
  readonly calls: number;
  readonly findings: readonly KmsFinding[];
  readonly notices: ReadonlyMap<KmsNotice, number>;
};

/** Holds the calls against the logs. Findings are in order of time. */
export function reconcile(all: Reconciling): Reconciled {
  const findings: KmsFinding[] = [];
  const notices = new Map<KmsNotice, number>();
  const note = (code: KmsNotice): void => void notices.set(code, (notices.get(code) ?? 0) + 1);
  const calls = withoutRepeats(all.calls);
  const judged = { from: all.from, until: all.to - HOUR_MS };
  const decrypts = new Map<string, number[]>();
  for (const call of all.calls) {
    if (call.name === 'Decrypt' && call.context['vault:use'] === 'object') remember(decrypts, call);
  }

  for (const call of calls) {
    const tenant = tenantOf(call);
    const find = (code: KmsCode): void =>
      void findings.push({ code, id: call.id, at: call.at, tenant, about: aboutOf(call) });
    if (!all.roles.has(call.caller)) {
      find('kms_foreign');
      continue;
    }
    if (isMoved(call)) {
      find('kms_moved');
      continue;
    }
    const ledger = all.ledgers.get(tenant);
    if (ledger !== undefined && call.to !== null && !ledger.isOwnKey(call.to)) {
      find('kms_moved');
      continue;
    }
    if (ledger === undefined) note('other_tenant');
    else if (call.at > untilOf(ledger, judged.until)) note('not_judged');
    else judge(call, ledger, all.deployment, find, note);
  }

  for (const [tenant, ledger] of all.ledgers) {
    for (const session of ledger.served()) {
      if (session.from < judged.from || session.until > untilOf(ledger, judged.until)) continue;
      if (ledger.hadVolume()) note('volume');
      else if (!isHeard(decrypts.get(session.recording), session))
        findings.push({ code: 'kms_silent', id: session.id, at: session.from, tenant, about: session.recording });
    }
  }
  return { calls: calls.length, findings: findings.sort((a, b) => a.at - b.at), notices };
}

/** Until when calls are judged: hours whose uses the log has counted to their end. */
function untilOf(ledger: KeyLedger, until: number): number {
  const last = ledger.last();
  return last === null ? Number.NEGATIVE_INFINITY : Math.min(until, Math.floor((last - CLOSED_MS) / HOUR_MS) * HOUR_MS);
}

function judge(
  { name, at, context, destination }: KmsCall,
  ledger: KeyLedger,
  deployment: KeyLedger | null,
  find: (code: KmsCode) => void,
  note: (code: KmsNotice) => void,
): void {
  const use = context['vault:use'] ?? '';
  const isKeyChange = ledger.isKeyChange(at) || deployment?.isKeyChange(at) === true;
  if (use === 'challenge') {
    if (isKeyChange) return;
    // The doctor's run is in the deployment's log.
    if (deployment === null) note('challenge_unchecked');
    else find('kms_unexplained');
    return;
  }
  switch (name) {
    case 'Decrypt':
      if (!ledger.takeDecrypt(use, context['vault:recording'], at)) find('kms_unexplained');
      return;
    case 'Encrypt':
      if (!ledger.takeEncrypt(use, at)) find('kms_unexplained');
      return;
    case 'ReEncrypt':
      // A re-encryption shows no key to its caller, so it need not be counted.
      if (!ledger.isRewrapped(destination?.['vault:wrap'] ?? '', at) && !isKeyChange) find('kms_unexplained');
      return;
    default: {
      const isIngestKey = use === 'ingest' && ledger.isIngestKeyCreated(at);
      const isExplained =
        use === 'object' ? ledger.isDeposit(context['vault:deposit'] ?? '') : isKeyChange || isIngestKey;
      if (!isExplained) note('data_key_unused');
    }
  }
}

/** Calls once for each record, and once for equal calls within seconds, in order of time. */
function withoutRepeats(calls: readonly KmsCall[]): KmsCall[] {
  const ids = new Set<string>();
  const latest = new Map<string, number>();
  const kept: KmsCall[] = [];
  for (const call of [...calls].sort((a, b) => a.at - b.at)) {
    // A record without an id is no other record's.
    if (call.id !== '' && ids.has(call.id)) continue;
    ids.add(call.id);
    const says = JSON.stringify([
      call.name,
      call.caller,
      sorted(call.context),
      sorted(call.destination ?? {}),
      call.to,
    ]);
    const before = latest.get(says);
    if (before !== undefined && call.at - before <= REPEAT_MS) continue;
    latest.set(says, call.at);
    kept.push(call);
  }
  return kept;
}

function isMoved({ context, destination }: KmsCall): boolean {
  if (destination === null) return false;
  const names = new Set([...Object.keys(context), ...Object.keys(destination)]);
  return [...names].some((name) => name !== 'vault:wrap' && context[name] !== destination[name]);
}

function tenantOf({ context, destination }: KmsCall): string {
  return context['vault:tenant'] ?? destination?.['vault:tenant'] ?? '';
}

function aboutOf({ name, context }: KmsCall): string {
  const { 'vault:use': use = '', 'vault:recording': recording } = context;
  return [name, use, ...(recording === undefined ? [] : [recording])].join(' ');
}

function remember(into: Map<string, number[]>, { context, at }: KmsCall): void {
  const recording = context['vault:recording'] ?? '';
  const known = into.get(recording);
  if (known === undefined) into.set(recording, [at]);
  else known.push(at);
}

function isHeard(times: readonly number[] | undefined, { from, until }: Served): boolean {
  return (times ?? []).some((at) => from <= at && at <= until);
}

function sorted(context: CallContext): readonly (readonly [string, string])[] {
  return Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
}
