// The feed of a tenant's log: this process polls each tenant's log once for all its subscribers, a few times a second
// and in the log's order. So it works over every database and whichever process wrote the event.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { accessUpdateOf, endsCredential, isAddressedTo } from '../../model/access-update.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import type { Recording } from '../../model/recording.ts';
import { hasQueue, type Scope } from '../../model/team/scope.ts';
import type { Rows } from '../../ports/database.ts';
import { isCredentialLiveWithoutMac } from '../core/authority/live-credential.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readScopeIfAvailable } from '../core/scope/read-scope.ts';
import { activeTenant } from '../core/tenants/active-tenant.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';
import { isKeyUnavailable } from '../core/wrapped-keys/key-unavailable.ts';
import { newSubscriber, type Subscriber, type Subscription } from './subscriber.ts';

/** Where to begin: after the event of this index, or null for new events only. */
export type FeedPosition = number | null;

export type EventFeed = {
  /**
   * Subscribes to the log of the caller's tenant. The subscription yields updates that concern the caller. Every 15
   * seconds it checks the credential again and yields a heartbeat. Throws `too_many_streams` beyond eight subscriptions
   * of one principal in this process, `not_available`.
   */
  readonly subscribe: (by: Caller, after: FeedPosition, request: RequestContext) => Promise<Subscription>;
};

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

const POLL_MS = 200;
const HEARTBEAT_MS = 15_000;
const MOST_STREAMS = 8;
const BATCH = 500;
/** A subscriber further behind gets `missed` and reads everything again. */
const MAX_CATCH_UP = 2_000;
/** Reads that fail for this long end the subscriptions: the client's next request gets the error. */
const PATIENCE_MS = 10_000;
const READ_MS = 5_000;

/** The event feed of this process. `ending` returns true at shutdown, which ends all subscriptions. */
export function eventFeed(vault: Deps, ending: () => boolean): EventFeed {
  const tails = new Map<string, { readonly all: Set<Subscriber>; readonly stop: () => void }>();
  const join = (by: Caller, at: number, since: number): Subscriber => {
    let tail = tails.get(by.tenant);
    if (tail === undefined) {
      const all = new Set<Subscriber>();
      tail = { all, stop: vault.clock.every(POLL_MS, feedPoller(vault, by.tenant, all, ending)) };
      tails.set(by.tenant, tail);
    }
    const { all, stop } = tail;
    if ([...all].filter((subscriber) => subscriber.by.principal === by.principal).length >= MOST_STREAMS)
      throw new VaultError('too_many_streams', `at most ${MOST_STREAMS} event streams may be open at once`, {
        retryAfter: 30,
      });
    const subscriber = newSubscriber(by, at, since, vault.clock.now(), () => {
      all.delete(subscriber);
      if (all.size > 0) return;
      stop();
      tails.delete(by.tenant);
    });
    all.add(subscriber);
    return subscriber;
  };
  return {
    subscribe: async (by, after, request) => {
      if (ending()) throw new VaultError('not_available', 'the server is shutting down', { retryAfter: 1 });
      await activeTenant(vault, by.tenant, request);
      const object = { type: 'events', id: by.tenant, why: 'follow' } as const;
      await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'access.read', object }, request);
      const { newest, authorized } = await vault.db.read(async (rows) => {
        const [newest] = await rows.log.eventsBelow(by.tenant, null, 1);
        return { newest, authorized: await isStillAuthorized(rows, by, await rows.now()) };
      }, request);
      // Checked in one read with the log's end: any later event that ends the credential will be read.
      if (!authorized) throw new VaultError('unauthenticated', 'the credential is no longer valid');
      const head = newest === undefined ? 0 : newest.seq + 1;
      const known = after !== null && after < head;
      const missed = known && head - after > MAX_CATCH_UP;
      const subscriber = join(by, known && !missed ? after + 1 : head, head);
      subscriber.push({ index: subscriber.nextIndex - 1, update: missed ? 'missed' : null });
      return subscriber.subscription;
    },
  };
}

/** Polls one tenant's log for all its subscribers. */
function feedPoller(vault: Deps, tenant: string, all: Set<Subscriber>, ending: () => boolean) {
  let failingSince: number | null = null;
  const stopAll = (): void => {
    for (const subscriber of [...all]) subscriber.subscription.stop();
  };
  return async (): Promise<void> => {
    if (ending()) return stopAll();
    try {
      await readNewEvents(vault, tenant, [...all]);
      await sendHeartbeats(vault, tenant, [...all]);
      failingSince = null;
    } catch {
      // The next poll reads on from the same index.
      failingSince ??= vault.clock.now();
      if (vault.clock.now() - failingSince > PATIENCE_MS) stopAll();
    }
  };
}

/** Reads new events for these subscribers. The next poll includes those that join meanwhile. */
async function readNewEvents(vault: Deps, tenant: string, all: readonly Subscriber[]): Promise<void> {
  let from = Math.min(...all.map(({ nextIndex: at }) => at));
  for (let read = BATCH; read === BATCH && Number.isFinite(from); ) {
    const start = from;
    const wait = { signal: vault.clock.deadline(READ_MS) };
    // For the rows that say what an approver sees; a key in memory needs no read.
    const metadataKey = vault.metadataKeys.held(tenant) ?? (await metadataKeyIfAvailable(vault, tenant, wait));
    read = await vault.db.read(async (rows) => {
      const events = await rows.log.events(tenant, start, BATCH);
      const scopeOf = scopesOnce(rows, metadataKey);
      for (const { seq, leaf } of events) {
        const read = readLeaf(leaf);
        const waiting = all.filter(({ nextIndex: at }) => at <= seq);
        if (read !== null) await publish(rows, scopeOf, tenant, seq, read, waiting);
        for (const subscriber of waiting) subscriber.nextIndex = seq + 1;
      }
      return events.length;
    }, wait);
    from += read;
  }
}

async function publish(
  rows: Rows,
  scopeOf: ScopeOf,
  tenant: string,
  index: number,
  leaf: Leaf,
  all: readonly Subscriber[],
): Promise<void> {
  for (const subscriber of all)
    if (index >= subscriber.since && endsCredential(leaf, subscriber.by)) subscriber.subscription.stop();
  const signal = accessUpdateOf(leaf);
  if (signal === null) return;
  const found = {
    request: signal.request === undefined ? null : await rows.access.request(tenant, signal.request),
    grant: signal.grant === undefined ? null : await rows.access.grant(tenant, signal.grant),
    session: signal.session === undefined ? null : await rows.sessions.find(tenant, signal.session),
  };
  // Read once and for the first subscriber who needs it: what others do is shown by the recording's queue.
  let recording: Recording | null | undefined;
  for (const subscriber of all) {
    const { by } = subscriber;
    if (!isAddressedTo(signal, found, by.principal, may(by, 'access.decide'))) continue;
    const own = isAddressedTo(signal, found, by.principal, false);
    const scope = own ? 'all' : await scopeOf(by);
    if (scope === null) continue;
    if (scope !== 'all' && recording === undefined)
      recording = signal.recording === undefined ? null : await rows.recordings.find(tenant, signal.recording);
    if (scope === 'all' || (recording !== null && recording !== undefined && hasQueue(scope, recording)))
      subscriber.push({ index, update: signal });
  }
}

/** The scope of a subscriber; null where it cannot be known now. */
type ScopeOf = (by: Caller) => Promise<Scope | null>;

/** Reads the scope of each subscriber once for these rows. */
function scopesOnce(rows: Rows, metadataKey: SecretKey | null): ScopeOf {
  const known = new Map<Caller, Scope | null>();
  return async (by) => {
    const found = known.get(by);
    if (found !== undefined) return found;
    const scope = await readScopeIfAvailable(rows, metadataKey, by).catch((error: unknown) => {
      // Their teams or the policy cannot be checked now, are not authentic, or of a later version: the next list says so.
      if (hasCode(error, 'integrity') || hasCode(error, 'format_unknown') || isKeyUnavailable(error)) return null;
      throw error;
    });
    known.set(by, scope);
    return scope;
  };
}

/** Checks the credentials that are due for a heartbeat, and sends it. */
async function sendHeartbeats(vault: Deps, tenant: string, all: readonly Subscriber[]): Promise<void> {
  const now = vault.clock.now();
  const due = all.filter(({ checkedAt: looked }) => now - looked >= HEARTBEAT_MS);
  if (due.length === 0) return;
  const wait = { signal: vault.clock.deadline(READ_MS) };
  const live = await vault.db.read(async (rows) => {
    const time = await rows.now();
    const active = (await rows.tenants.find(tenant))?.state === 'ACTIVE';
    const kept = new Set<Subscriber>();
    for (const subscriber of active ? due : [])
      if (await isStillAuthorized(rows, subscriber.by, time)) kept.add(subscriber);
    return kept;
  }, wait);
  for (const subscriber of due) {
    subscriber.checkedAt = now;
    if (live.has(subscriber)) subscriber.push({ index: subscriber.nextIndex - 1, update: null });
    else subscriber.subscription.stop();
  }
}

/** Whether a subscriber is still authorized: active, with the same roles and a valid credential. */
async function isStillAuthorized(rows: Rows, by: Caller, now: string): Promise<boolean> {
  const person = await rows.principals.find(by.tenant, by.principal);
  const same = person?.state === 'ACTIVE' && person.roles.join() === by.roles.join();
  return same && (await isCredentialLiveWithoutMac(rows, by, now));
}
