// What is sealed and logged of recordings: facts of an envelope, then the entries, each as its event names it. Rows are edited
// more easily; what is destroyed by age is judged by this.
import { idTime } from '../../../bytes/ids.ts';
import { envelopePath, parseEnvelope, verifyEnvelope } from '../../../envelope/envelope.ts';
import { openFacts } from '../../../envelope/facts.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../../errors.ts';
import { foldFacts } from '../../../model/amendments/recording-facts.ts';
import type { StoredEvent } from '../../../model/audit-event.ts';
import type { Facts } from '../../../model/facts.ts';
import { type Leaf, listed, readLeaf } from '../../../model/log/leaf.ts';
import type { Deposit, Recording, WrappedKeyRow } from '../../../model/recording.ts';
import { isAsked } from '../../../model/retention/lifetime.ts';
import { type FactsThen, isLate } from '../../../model/retention/sealed-lifetime.ts';
import { locationOf, type Tenant } from '../../../model/tenant.ts';
import type { Rows } from '../../../ports/database.ts';
import { readEntries, type StreamEntry } from '../amendments/read-entries.ts';
import { countKeyUse } from '../events/count-events.ts';
import { systemActor } from '../events/events.ts';
import { membersOf, openRawFacts, type RawFacts } from '../facts/raw-facts.ts';
import { readBlob } from '../objects/read-blob.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { unwrapDataKey } from '../wrapped-keys/data-keys.ts';
import { type LogEvidence, logEvidence } from './log-evidence.ts';

export type TruthDeps = Pick<Vault, 'db' | 'clock' | 'store' | 'keys' | 'tenantKeks' | 'settings'>;
type KeyedTenant = { readonly tenant: Tenant; readonly metadataKey: SecretKey };

/** What a recording's life is judged by, and the version of its row that it was read beside. */
export type SealedTruth = {
  readonly version: number;
  /** When the call counts as begun where its facts do not say it. */
  readonly begun: string;
  readonly history: readonly FactsThen[];
};

/** Events of a recording in one read. */
const EVENTS = 500;
/** A row and an entry have the time of their transaction, the event that of its log: a moment later where others wrote. */
const APART_MS = 60_000;

/**
 * Reads the truth of a recording, outside any transaction: the envelope of its audio, its entries, its events. Throws
 * `integrity` where something of it is missing or is not as its event names it, and the errors of store and key service.
 * Null for a recording that was deleted. `counted` counts a use of the tenant's key before it.
 */
export async function readSealedTruth(
  vault: TruthDeps,
  of: KeyedTenant,
  id: string,
  request: RequestContext,
  counted: () => Promise<void> = () =>
    countKeyUse(vault, of.tenant.tenant, systemActor(vault.settings), 'expire', request),
  evidence: LogEvidence = logEvidence(vault, of.tenant.tenant, of.metadataKey, request),
): Promise<SealedTruth | null> {
  const { tenant, metadataKey } = of;
  const found = await vault.db.read((rows) => readAll(rows, metadataKey, tenant.tenant, id), request);
  if (found === null) return null;
  const { recording, deposit, key, entries, leaves } = found;
  const logged = loggedOf(id, leaves);
  const times = timesOf(id, entries, logged);
  if (deposit === null && logged.isStored) throw damaged(id, 'its upload is missing');
  const sealed = deposit === null ? null : await envelopeFacts(vault, tenant, deposit, key, counted, request);
  const base = sealed?.facts ?? openRawFacts(metadataKey, recording, recording.facts as Uint8Array);
  const audioAt = logged.audioAt ?? (deposit?.object === 'audio' ? (sealed?.created ?? null) : null);
  const states = statesOf(id, base, sealed === null ? [] : entries, times, audioAt);
  const history: FactsThen[] = [];
  for (const { facts, ...then } of states) {
    const wished = isAsked(facts) && (await evidence.ofWish(id, facts, logged.changes));
    history.push({ ...then, facts, wished });
  }
  return { version: recording.version, begun: begunOf(recording, logged), history };
}

function damaged(id: string, why: string): VaultError {
  return new VaultError('integrity', `recording ${id} is not as it was written: ${why}`);
}

type Found = {
  readonly recording: Recording;
  /** The available upload of the audio, without one that of another object. */
  readonly deposit: Deposit | null;
  readonly key: WrappedKeyRow | null;
  readonly entries: readonly StreamEntry[];
  readonly leaves: readonly Leaf[];
};

async function readAll(rows: Rows, metadataKey: SecretKey, tenant: string, id: string): Promise<Found | null> {
  const recording = await rows.recordings.find(tenant, id);
  if (recording === null || recording.facts === null) return null;
  const available = await rows.deposits.available(tenant, id);
  const deposit = available.find(({ object }) => object === 'audio') ?? available[0] ?? null;
  return {
    ...{ recording, deposit },
    key: deposit === null ? null : await rows.wrappedKeys.find(tenant, deposit.id),
    entries: await readEntries(rows, metadataKey, { tenant, subject: id }),
    leaves: await leavesOf(rows, tenant, id),
  };
}

async function leavesOf({ log }: Pick<Rows, 'log'>, tenant: string, id: string): Promise<Leaf[]> {
  const leaves: Leaf[] = [];
  for (let before: number | null = null; ; ) {
    const page: readonly StoredEvent[] = await log.eventsOf(tenant, id, before, EVENTS);
    for (const { leaf: bytes } of page) {
      const leaf = readLeaf(bytes);
      if (leaf?.outcome === 'ok') leaves.unshift(leaf);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < EVENTS) return leaves;
    before = last.seq;
  }
}

/** What the log says of a recording: its entries by number, when it and its audio came, and changes that asked to erase it. */
type Logged = {
  readonly entries: ReadonlyMap<number, { readonly digest: string; readonly at: string }>;
  readonly created: string | null;
  readonly audioAt: string | null;
  readonly isStored: boolean;
  readonly changes: readonly string[];
};

const CREATING: ReadonlySet<string> = new Set(['recording.created', 'recording.listed']);

function loggedOf(id: string, leaves: readonly Leaf[]): Logged {
  const entries = new Map<number, { digest: string; at: string }>();
  const changes: string[] = [];
  let [created, audioAt, isStored]: [string | null, string | null, boolean] = [null, null, false];
  for (const { action, object, ts } of leaves) {
    const { subject, n, entry, change } = object;
    // A change that came back after a restore was logged first when it was made: its entry says when.
    const at = action === 'amendment.replayed' ? '' : ts;
    if (subject === id && typeof n === 'number' && typeof entry === 'string') entries.set(n, { digest: entry, at });
    if (CREATING.has(action)) created ??= ts;
    if (action === 'deposit.available') {
      isStored = true;
      if (object['object'] === 'audio') audioAt ??= ts;
    }
    if (action === 'recording.amended' && typeof change === 'string' && listed(object['set']).includes('asked'))
      changes.push(change);
  }
  return { entries, created, audioAt, isStored, changes };
}

/** When each entry was logged. Throws `integrity` for one that no event names, or not with these bytes. */
function timesOf(id: string, entries: readonly StreamEntry[], { entries: named }: Logged): readonly string[] {
  const last = Math.max(0, ...named.keys());
  if (last > entries.length) throw damaged(id, `change ${entries.length + 1} is missing`);
  return entries.map(({ n, at, digest }) => {
    const event = named.get(n);
    // The event of a later entry names those before it, by their chain.
    if (event === undefined ? n > last : event.digest !== digest) throw damaged(id, `the log has another change ${n}`);
    return event === undefined || isNear(event.at, at) ? at : event.at;
  });
}

/** Whether an event was written with what has this time; empty: no person knows when. */
function isNear(logged: string, at: string): boolean {
  return logged === '' || Math.abs(Date.parse(logged) - Date.parse(at)) <= APART_MS;
}

type SealedFacts = { readonly facts: RawFacts; readonly created: string };

async function envelopeFacts(
  vault: TruthDeps,
  tenant: Tenant,
  deposit: Deposit,
  key: WrappedKeyRow | null,
  counted: () => Promise<void>,
  request: RequestContext,
): Promise<SealedFacts> {
  const { recording } = deposit;
  if (key === null) throw damaged(recording, 'its key is missing');
  const path = envelopePath(tenant.tenant, recording, deposit.id);
  const found = await readBlob(vault, locationOf(tenant), path, parseEnvelope, request);
  if (typeof found === 'string') throw damaged(recording, `its envelope is ${found}`);
  const { bytes, content: envelope } = found;
  if (envelope.recording !== recording || envelope.deposit !== deposit.id)
    throw damaged(recording, 'it has the envelope of another upload');
  // Tenant KEKs are counted when they are unwrapped.
  if (key.scheme !== 'tenant-kek') await counted();
  const dataKey = await unwrapDataKey(vault, tenant, deposit, key, request);
  try {
    verifyEnvelope(bytes, dataKey);
    return { facts: openFacts(dataKey, envelope, envelope.facts), created: envelope.created };
  } catch (error) {
    if (!hasCode(error, 'integrity', 'malformed')) throw error;
    throw damaged(recording, 'its envelope is damaged');
  } finally {
    dataKey.zero();
  }
}

type State = Omit<FactsThen, 'wished'>;

function statesOf(
  id: string,
  base: RawFacts,
  entries: readonly StreamEntry[],
  times: readonly string[],
  audioAt: string | null,
): readonly State[] {
  const said = entries.flatMap((entry, n) => (entry.body.op === 'facts' ? [{ entry, at: times[n] ?? entry.at }] : []));
  const first = said.findIndex(({ at }) => isLate(audioAt, at));
  const standing = first < 0 ? said : said.slice(0, first);
  let { facts } = foldFacts(
    id,
    base,
    standing.map(({ entry }) => entry),
  );
  const states: State[] = [{ facts: facts as unknown as Facts, at: null, events: [] }];
  for (const { entry, at } of said.slice(standing.length)) {
    const set = entry.body.op === 'facts' ? entry.body.set : {};
    const events = eventNames(facts, set);
    ({ facts } = foldFacts(id, facts, [entry]));
    states.push({ facts: facts as unknown as Facts, at, events });
  }
  return states;
}

/** The names of the events that a patch sets or removes. */
function eventNames(facts: RawFacts, set: RawFacts): readonly string[] {
  if (set['events'] === undefined) return [];
  return Object.keys(set['events'] === null ? membersOf(facts['events']) : membersOf(set['events']));
}

function begunOf({ id, startedAt }: Recording, { created }: Logged): string {
  if (created !== null) return isNear(created, startedAt) ? startedAt : created;
  const made = new Date(idTime(id)).toISOString();
  return startedAt > made ? startedAt : made;
}
