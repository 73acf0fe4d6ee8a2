// Following a tenant's log: one look for all who follow it in this process, a few times a second, in the log's order. So
// it works whichever process wrote the event, and over every engine.
import { VaultError } from '../../errors.ts';
import { accessUpdateOf, endsCredential, isAddressedTo } from '../../model/access-update.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { isCredentialLiveWithoutMac } from '../core/authority/live-credential.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { newSubscriber, type Subscriber, type Subscription } from './subscriber.ts';

/** Where to begin: after the event of this index, or with what comes from now on. */
export type FeedPosition = number | null;

export type EventFeed = {
  /**
   * Follows the log of the caller's tenant. Told is what concerns the caller; every 15 seconds the credential is looked
   * at again and something is told. Throws `too_many_streams` for more than eight of one principal in this process, `not_available`.
   */
  readonly subscribe: (by: Caller, after: FeedPosition, request: RequestContext) => Promise<Subscription>;
};

type Deps = Pick<Vault, 'db' | 'clock'>;

const POLL_MS = 200;
const HEARTBEAT_MS = 15_000;
const MOST_STREAMS = 8;
const BATCH = 500;
/** Whoever is further behind reads everything again instead. */
const MAX_CATCH_UP = 2_000;
/** Reads that fail for this long end what follows: asked again, the service says what is the matter. */
const PATIENCE_MS = 10_000;
const READ_MS = 5_000;

/** The tails of this process. `ending` says when the process ends, and with it all that follows. */
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
    if ([...all].filter((one) => one.by.principal === by.principal).length >= MOST_STREAMS)
      throw new VaultError('too_many_streams', `one follows the log ${MOST_STREAMS} times at most`, { retryAfter: 30 });
    const one = newSubscriber(by, at, since, vault.clock.now(), () => {
      all.delete(one);
      if (all.size > 0) return;
      stop();
      tails.delete(by.tenant);
    });
    all.add(one);
    return one;
  };
  return {
    subscribe: async (by, after, request) => {
      if (ending()) throw new VaultError('not_available', 'the process ends', { retryAfter: 1 });
      await activeTenant(vault, by.tenant, request);
      const object = { type: 'events', id: by.tenant, why: 'follow' } as const;
      await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'access.read', object }, request);
      const { newest, stands } = await vault.db.read(async (rows) => {
        const [newest] = await rows.log.eventsBelow(by.tenant, null, 1);
        return { newest, stands: await isStillAuthorized(rows, by, await rows.now()) };
      }, request);
      // Looked at in one moment with the log: what ends it from now on is an event that will be read.
      if (!stands) throw new VaultError('unauthenticated', 'the credential is no longer valid');
      const head = newest === undefined ? 0 : newest.seq + 1;
      const known = after !== null && after < head;
      const missed = known && head - after > MAX_CATCH_UP;
      const one = join(by, known && !missed ? after + 1 : head, head);
      one.push({ index: one.nextIndex - 1, update: missed ? 'missed' : null });
      return one.subscription;
    },
  };
}

/** A look at one tenant's log, for all who follow it. */
function feedPoller(vault: Deps, tenant: string, all: Set<Subscriber>, ending: () => boolean) {
  let failingSince: number | null = null;
  const stopAll = (): void => {
    for (const one of [...all]) one.subscription.stop();
  };
  return async (): Promise<void> => {
    if (ending()) return stopAll();
    try {
      await readNewEvents(vault, tenant, [...all]);
      await sendHeartbeats(vault, tenant, [...all]);
      failingSince = null;
    } catch {
      // The next look reads on from the same place.
      failingSince ??= vault.clock.now();
      if (vault.clock.now() - failingSince > PATIENCE_MS) stopAll();
    }
  };
}

/** Who joins meanwhile is looked after by the next look. */
async function readNewEvents(vault: Deps, tenant: string, all: readonly Subscriber[]): Promise<void> {
  let from = Math.min(...all.map(({ nextIndex: at }) => at));
  for (let read = BATCH; read === BATCH && Number.isFinite(from); ) {
    const start = from;
    const wait = { signal: vault.clock.deadline(READ_MS) };
    read = await vault.db.read(async (rows) => {
      const events = await rows.log.events(tenant, start, BATCH);
      for (const { seq, leaf } of events) {
        const read = readLeaf(leaf);
        const waiting = all.filter(({ nextIndex: at }) => at <= seq);
        if (read !== null) await publish(rows, tenant, seq, read, waiting);
        for (const one of waiting) one.nextIndex = seq + 1;
      }
      return events.length;
    }, wait);
    from += read;
  }
}

async function publish(
  rows: Rows,
  tenant: string,
  index: number,
  leaf: Leaf,
  all: readonly Subscriber[],
): Promise<void> {
  for (const one of all) if (index >= one.since && endsCredential(leaf, one.by)) one.subscription.stop();
  const signal = accessUpdateOf(leaf);
  if (signal === null) return;
  const found = {
    request: signal.request === undefined ? null : await rows.access.request(tenant, signal.request),
    grant: signal.grant === undefined ? null : await rows.access.grant(tenant, signal.grant),
    session: signal.session === undefined ? null : await rows.sessions.find(tenant, signal.session),
  };
  for (const one of all) {
    const decides = may(one.by, 'access.decide');
    if (isAddressedTo(signal, found, one.by.principal, decides)) one.push({ index, update: signal });
  }
}

/** Looks again at the credentials that were not looked at for a beat, and says that the stream is there. */
async function sendHeartbeats(vault: Deps, tenant: string, all: readonly Subscriber[]): Promise<void> {
  const now = vault.clock.now();
  const due = all.filter(({ checkedAt: looked }) => now - looked >= HEARTBEAT_MS);
  if (due.length === 0) return;
  const wait = { signal: vault.clock.deadline(READ_MS) };
  const live = await vault.db.read(async (rows) => {
    const time = await rows.now();
    const active = (await rows.tenants.find(tenant))?.state === 'ACTIVE';
    const kept = new Set<Subscriber>();
    for (const one of active ? due : []) if (await isStillAuthorized(rows, one.by, time)) kept.add(one);
    return kept;
  }, wait);
  for (const one of due) {
    one.checkedAt = now;
    if (live.has(one)) one.push({ index: one.nextIndex - 1, update: null });
    else one.subscription.stop();
  }
}

/** Whether a follower is who they were when they came: there, in the same roles, and with a credential that holds. */
async function isStillAuthorized(rows: Rows, by: Caller, now: string): Promise<boolean> {
  const person = await rows.principals.find(by.tenant, by.principal);
  const same = person?.state === 'ACTIVE' && person.roles.join() === by.roles.join();
  return same && (await isCredentialLiveWithoutMac(rows, by, now));
}
