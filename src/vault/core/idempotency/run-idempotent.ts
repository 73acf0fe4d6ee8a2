// Requests with an Idempotency-Key: the first one acts, repetitions get its stored outcome.
import { canonicalDigest } from '../../../bytes/canonical-json.ts';
import { info } from '../../../bytes/derivation.ts';
import { equalBytes } from '../../../bytes/digest.ts';
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

/** A request that clients may repeat: its route's pattern, its key in clear, and its meaning as JSON. */
export type IdempotentRequest = { readonly route: string; readonly key: string; readonly meaning: unknown };

/** The stored outcome of the first request. */
export type StoredOutcome = {
  readonly outcome: ReplyOutcome;
  readonly ids: readonly string[];
  readonly receipt: Receipt | undefined;
};

/**
 * The first request's action, and the lookup for its repetitions. The change of `first` stores its reply: see
 * `replyToStore`.
 */
export type IdempotentSteps<T> = {
  readonly first: (request: RequestContext) => Promise<T>;
  readonly again: (told: StoredOutcome, request: RequestContext) => Promise<T>;
};

const RELEASE_MS = 5_000;

/**
 * Runs `first` under a claim on the key, or `again` where the key has a reply. Throws `idempotency_key_reused` where
 * the key was used for another request, `idempotency_in_progress` while the first request runs, and the errors of both
 * steps.
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
  // A plain hash of a low-entropy body could be guessed; with the key in the index, equal bodies of two requests
  // differ.
  const digest = canonicalDigest(what.meaning);
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
    // After a failure the row decides: the change's transaction stored the reply on it. This waits for a transaction
    // that is still open, and releases the key only where that transaction changed nothing.
    const own = { signal: vault.clock.deadline(RELEASE_MS) };
    // While the database cannot be reached, the claim stays until it expires.
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
    throw new VaultError('idempotency_in_progress', 'the first request with this Idempotency-Key is still running', {
      retryAfter: 2,
    });
  }
  const { tenant } = kept;
  const { outcome, ids, seq } = kept.reply;
  const [event] = await vault.db.read((rows) => rows.log.events(tenant, seq, 1), request);
  const log = logName(vault.settings.origin, tenant);
  const receipt = event === undefined ? undefined : { log, seq, hash: event.hash };
  return { outcome, ids, receipt };
}
