// A request with an Idempotency-Key: the first one acts, its repetitions are told what it was told.
import { canonicalBytes } from '../../../bytes/canonical-json.ts';
import { info } from '../../../bytes/derivation.ts';
import { equalBytes, sha256 } from '../../../bytes/digest.ts';
import { newRequestId } from '../../../bytes/ids.ts';
import { blindIndex } from '../../../envelope/blind-index.ts';
import { VaultError } from '../../../errors.ts';
import { logName, type Receipt } from '../../../model/audit-event.ts';
import type { IdempotencyClaim, IdempotencyRecord, ReplyOutcome } from '../../../model/idempotency.ts';
import type { Caller } from '../../../model/principal.ts';
import type { RequestContext } from '../request-context.ts';
import { activeTenantAndKey } from '../tenants/active-tenant.ts';
import type { Vault } from '../vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'settings'>;

/** A request that may come again: its route's pattern, its key in clear, and what it means as JSON. */
export type IdempotentRequest = { readonly route: string; readonly key: string; readonly meaning: unknown };

/** What the first request came to. */
export type StoredOutcome = {
  readonly outcome: ReplyOutcome;
  readonly ids: readonly string[];
  readonly receipt: Receipt | undefined;
};

/** What acts, and what finds again what was told. The change of `first` stores its reply: see `replyToStore`. */
export type IdempotentSteps<T> = {
  readonly first: (request: RequestContext) => Promise<T>;
  readonly again: (told: StoredOutcome, request: RequestContext) => Promise<T>;
};

const RELEASE_MS = 5_000;

/**
 * Runs `first` under a claim on the key, or `again` where the key has its reply. Throws `idempotency_key_reused` for
 * a key that was used for something else, `idempotency_in_progress` while the first request runs, and what they throw.
 */
export async function runIdempotent<T>(
  vault: Deps,
  by: Caller,
  what: IdempotentRequest,
  request: RequestContext,
  { first, again }: IdempotentSteps<T>,
): Promise<{ readonly result: T; readonly replayed: boolean }> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const key = blindIndex(metadataKey, 'idempotency', what.key);
  // Bodies have little entropy, so no plain hash; the key stands in it, so that equal bodies do not find each other.
  const digest = sha256(canonicalBytes(what.meaning)).toString('hex');
  const body = blindIndex(metadataKey, 'idempotency', info('body', what.key, digest));
  const claim: IdempotencyClaim = {
    tenant: by.tenant,
    principal: by.principal,
    route: what.route,
    key,
    owner: newRequestId(),
  };
  const at = vault.clock.now();
  const now = new Date(at).toISOString();
  const until = new Date(at + vault.settings.leaseSeconds * 1000).toISOString();
  if (await vault.db.note((notes) => notes.idempotency.claim(claim, body, now, until), request)) {
    return { result: await runFirst(vault, claim, request, first), replayed: false };
  }
  const kept = await vault.db.read((rows) => rows.idempotency.find(claim), request);
  return { result: await again(await readStoredOutcome(vault, kept, body, request), request), replayed: true };
}

async function runFirst<T>(
  vault: Deps,
  claim: IdempotencyClaim,
  request: RequestContext,
  first: IdempotentSteps<T>['first'],
): Promise<T> {
  try {
    return await first({ ...request, claim });
  } catch (error) {
    // Whatever failed: the row says whether the change is there, since its transaction stored the reply on it. This
    // waits for a transaction that is still open, and lets go of the key only where nothing came of it.
    const own = { signal: vault.clock.deadline(RELEASE_MS) };
    // Where that cannot be told now, the claim stays until its time is over.
    await vault.db.note((notes) => notes.idempotency.release(claim), own).catch(() => undefined);
    throw error;
  }
}

async function readStoredOutcome(
  vault: Deps,
  kept: IdempotencyRecord | null,
  body: Uint8Array,
  request: RequestContext,
): Promise<StoredOutcome> {
  if (kept !== null && !equalBytes(kept.body, body)) {
    throw new VaultError('idempotency_key_reused', 'this Idempotency-Key was used for another request');
  }
  if (kept === null || kept.reply === null) {
    throw new VaultError('idempotency_in_progress', 'the first request with this key is running', { retryAfter: 2 });
  }
  const { tenant } = kept;
  const { outcome, ids, seq } = kept.reply;
  const [event] = await vault.db.read((rows) => rows.log.events(tenant, seq, 1), request);
  const log = logName(vault.settings.origin, tenant);
  const receipt = event === undefined ? undefined : { log, seq, hash: event.hash };
  return { outcome, ids, receipt };
}
