// What a tenant's log says of its keys: which calls of the key service it accounts for.
import type { AuditAction } from '../event-catalogue.ts';
import type { Leaf } from '../leaf.ts';
import { HOUR_MS, MINUTE_MS, type Span, spansByHour, takeFirst } from './spans.ts';

/** A key is unwrapped up to so long before the event of its use, or after the end of its window. */
const ABOUT_MS = MINUTE_MS;
const BEFORE_SESSION_MS = 5_000;
/** A doctor's run, or a change of the key, explains its challenge within this time. */
const NEAR_MS = 10 * MINUTE_MS;

/** A session that served bytes, and whose unwraps were counted. */
export type Served = {
  readonly id: string;
  readonly index: number;
  readonly recording: string;
  readonly from: number;
  readonly until: number;
};

/** What may be unwrapped, by the reasons of `key.used`. */
const USES: ReadonlyMap<string, readonly string[]> = new Map([
  ['object', ['settle', 'reencrypt', 'rebuild', 'sample', 'sweep', 'verify', 'doctor']],
  ['metadata', ['metadata', 'watch', 'tombstones', 'replay', 'rebuild', 'doctor']],
  ['ingest', ['ingest', 'watch', 'rebuild', 'verify', 'doctor']],
  // Where data keys are under a KEK, opening one may open the KEK.
  ['kek', ['kek', 'watch', 'settle', 'reencrypt', 'rebuild', 'sample', 'sweep', 'verify', 'doctor']],
]);

/** What a log accounts for. */
export type KeyLedger = {
  readonly add: (leaf: Leaf, index: number) => void;
  /** Whether a Decrypt of this use is accounted for at this time. Each call of this takes one that is left. */
  readonly takeDecrypt: (use: string, recording: string | undefined, at: number) => boolean;
  /** The same for an Encrypt of this use. */
  readonly takeEncrypt: (use: string, at: number) => boolean;
  /** Whether keys were re-wrapped to this generation in the day around this time. */
  readonly isRewrapped: (wrap: string, at: number) => boolean;
  /** Whether the doctor ran, or the key changed, about this time. */
  readonly isKeyChange: (at: number) => boolean;
  /** Whether an ingest key was created about this time. */
  readonly isIngestKeyCreated: (at: number) => boolean;
  readonly isDeposit: (deposit: string) => boolean;
  /** Whether this is a key that the tenant got by an event; of a log that names none, any. */
  readonly isOwnKey: (key: string) => boolean;
  /** Sessions that served bytes under keys of the key service. */
  readonly served: () => readonly Served[];
  /** The time of the last event; null of an empty log. */
  readonly last: () => number | null;
  /** Whether the tenant ever had KEKs: then a served piece needs no call. */
  readonly hadVolume: () => boolean;
};

/** The ledger of one log; its events are added in order. */
export function keyLedger(): KeyLedger {
  const sessions = new Map<string, { readonly recording: string; readonly from: number; readonly ends: number }>();
  const byRecording = new Map<string, Span[]>();
  const open = new Map<string, number>();
  const uses = spansByHour();
  const windows = new Map<string, Span>();
  const moved = spansByHour();
  const rewrapped = new Set<string>();
  const changes = nearTimes();
  const births = nearTimes();
  const ingestKeys = nearTimes();
  const deposits = new Set<string>();
  const keys = new Set<string>();
  const served: Served[] = [];
  let last: number | null = null;
  let volume = false;

  const begin = ({ object }: Leaf, now: number): void => {
    const recording = String(object['recording']);
    const from = now - BEFORE_SESSION_MS;
    sessions.set(object.id, { recording, from, ends: Date.parse(String(object['ends'])) });
    open.set(recording, (open.get(recording) ?? 0) + 1);
  };

  const end = ({ object }: Leaf, index: number, now: number): void => {
    const session = sessions.get(object.id);
    if (session === undefined) return;
    sessions.delete(object.id);
    const { recording, from } = session;
    open.set(recording, (open.get(recording) ?? 0) - 1);
    const until = now + ABOUT_MS;
    const unwraps = object['unwraps'];
    const spans = byRecording.get(recording) ?? [];
    // Sessions of older versions did not count.
    spans.push({ from, until, left: unwraps === undefined ? Number.POSITIVE_INFINITY : Number(unwraps) });
    byRecording.set(recording, spans);
    if (unwraps !== undefined && Number(object['bytes']) > 0)
      served.push({ id: object.id, index, recording, from, until });
  };

  const use = ({ object, actor }: Leaf, now: number): void => {
    const why = String(object['why']);
    const { window, counted } = object;
    const from = window === undefined ? Math.floor(now / HOUR_MS) * HOUR_MS : Date.parse(String(window));
    const name = `${why} ${actor.id} ${from}`;
    const known = windows.get(name);
    const span = known ?? { from: from - ABOUT_MS, until: from + HOUR_MS + ABOUT_MS, left: 0 };
    if (known === undefined) {
      windows.set(name, span);
      uses.add(why, span);
    }
    // The event that closes a window counts the first one too.
    span.left = counted === undefined ? span.left + 1 : Math.max(span.left, Number(counted));
    if (why === 'doctor') changes.add(now);
  };

  const rewrap = ({ object }: Leaf, now: number): void => {
    // What was re-wrapped before a restore is in the log as well; this called nothing.
    if (object['how'] === 'restored') return;
    rewrapped.add(`${String(object['wrap'])} ${dayOf(now)}`);
    if (object['how'] !== 'lent') return;
    const of = object['use'] === undefined ? 'object' : String(object['use']);
    // The event is written after the calls of its batch.
    for (const call of ['Decrypt', 'Encrypt'])
      moved.add(`${call} ${of}`, { from: now - HOUR_MS, until: now + ABOUT_MS, left: Number(object['count']) });
  };

  /** A new tenant's metadata key is opened as part of its creation. */
  const bear = (_leaf: Leaf, _index: number, now: number): void => {
    births.add(now);
    changes.add(now);
  };

  const learn: Readonly<Partial<Record<AuditAction, (leaf: Leaf, index: number, now: number) => void>>> = {
    'session.opened': (leaf, _index, now) => begin(leaf, now),
    'session.ended': end,
    'key.used': (leaf, _index, now) => use(leaf, now),
    'key.rewrapped': (leaf, _index, now) => rewrap(leaf, now),
    'key.rotated': ({ object }, _index, now) => {
      changes.add(now);
      keys.add(String(object['key']));
      if (object['how'] === 'volume-on') volume = true;
    },
    'tenant.creating': bear,
    'tenant.keyed': bear,
    'tenant.created': bear,
    'tenant.rebuilt': bear,
    'ingest_key.created': (_leaf, _index, now) => ingestKeys.add(now),
    'doctor.ran': (_leaf, _index, now) => changes.add(now),
    'deposit.started': ({ object }) => void deposits.add(object.id),
  };

  /** Whether a session that the log has not ended yet reads the recording. */
  const isOpen = (recording: string, at: number): boolean =>
    (open.get(recording) ?? 0) > 0 &&
    [...sessions.values()].some((one) => one.recording === recording && one.from <= at && at <= one.ends + NEAR_MS);

  const takeDecrypt = (of: string, recording: string | undefined, at: number): boolean => {
    if (of === 'object') {
      const own = recording ?? '';
      if (takeFirst(byRecording.get(own) ?? [], at) || isOpen(own, at)) return true;
    }
    if (uses.take(USES.get(of) ?? [], at) || moved.take([`Decrypt ${of}`], at)) return true;
    return of !== 'object' && births.has(at);
  };

  return {
    add: (leaf, index) => {
      const now = Date.parse(leaf.ts);
      last = now;
      if (leaf.outcome === 'ok') learn[leaf.action as AuditAction]?.(leaf, index, now);
    },
    takeDecrypt,
    takeEncrypt: (of, at) => moved.take([`Encrypt ${of}`], at) || (of !== 'object' && changes.has(at)),
    isRewrapped: (wrap, at) => [-1, 0, 1].some((days) => rewrapped.has(`${wrap} ${dayOf(at) + days}`)),
    isKeyChange: changes.has,
    isIngestKeyCreated: ingestKeys.has,
    isDeposit: (deposit) => deposits.has(deposit),
    // A record may have the key's id without its account and Region.
    isOwnKey: (key) => keys.size === 0 || [...keys].some((own) => own === key || own.endsWith(`/${key}`)),
    served: () => served,
    last: () => last,
    hadVolume: () => volume,
  };
}

/** Times, found by others about ten minutes before or after. */
function nearTimes() {
  const stretches = new Set<number>();
  return {
    add: (time: number): void => void stretches.add(Math.floor(time / NEAR_MS)),
    has: (time: number): boolean => [-1, 0, 1].some((by) => stretches.has(Math.floor(time / NEAR_MS) + by)),
  };
}

function dayOf(time: number): number {
  return Math.floor(time / (24 * HOUR_MS));
}
