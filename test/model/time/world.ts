// A model of clocks: hosts, processes, logs and beats, with a true time that only the model knows. What the product
// decides, its own functions decide here too; what it decides in SQL is one line here, which a comment says. A comment also
// says where the rest follows a function that needs a database.

import type { Lifetime } from '../../../src/model/retention/lifetime.ts';
import type { FactsThen } from '../../../src/model/retention/sealed-lifetime.ts';
import { type AgeTrust, ageTrust, gapBeside, LEAST_RUN_MS } from '../../../src/model/time/age-trust.ts';
import { behindBeat } from '../../../src/model/time/own-clock.ts';
import { transactionTime } from '../../../src/model/time/transaction-time.ts';
import { WITNESS_APART_MS } from '../../../src/model/time/witnesses.ts';
import { type ProcessClock, processClock } from '../../../src/vault/core/time/process-clock.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** The true time at which each history begins. */
export const NOON = Date.parse('2026-12-01T12:00:00.000Z');

/** A time in milliseconds since 1970 as RFC 3339. */
export const iso = (time: number): string => new Date(time).toISOString();

/** The rules of time that can be taken out of the model, one by one. */
export const RULES = [
  ...['own floor', 'floor not followed far', 'mark set from event', 'server witness', 'reply witnesses'],
  ...[
    'own fall',
    'own rise',
    'beat at start',
    'first beat soon',
    'beats of trusted alone',
    'ten minutes',
    'gap',
    'gap by beats',
  ],
  ...['gap when it began', 'two people over 72 hours', 'people compare clocks', 'ends sign_in', 'ends session'],
  ...['ends grant', 'ends change', 'ends api_key', 'deletes later beats', 'sets work back', 'later version ids'],
  ...['sealed truth', 'late facts lengthen', 'holds bound by storing'],
] as const;
export type RuleName = (typeof RULES)[number];

export const LOGS = ['deployment', 'harbour', 'quay'] as const;
export type LogName = (typeof LOGS)[number];

/** The newest event with the true time of writing it, the copy of its time in the head, and whether the log is held. */
export type LogHead = { size: number; ts: number; true: number; mark: number; held: boolean };

export type Kind = 'sign_in' | 'session' | 'grant' | 'change' | 'api_key';
/** What gives access until it ends: by the vault's times, and by the true time (`made`, `lasts`). `wrong`: made by a clock ahead. */
export type Access = {
  readonly kind: Kind;
  readonly log: LogName;
  readonly opened: number;
  readonly expires: number;
  readonly made: number;
  readonly lasts: number;
  readonly wrong: boolean;
  ended: boolean;
};

/** A call: its row, what is sealed of it, and until when it must be kept (true time, milliseconds). */
export type CallRow = {
  readonly log: LogName;
  /** The time in its id, which is when its row was made, and its audio stored. */
  readonly created: number;
  readonly begun: string;
  row: Lifetime & { holds: number };
  readonly history: FactsThen[];
  readonly due: number;
  /** By the streams of holds. */
  held: boolean;
  erased: boolean;
};

/** What a backup has. */
export type Tables = {
  logs: Record<LogName, LogHead>;
  /** Of each node its beat, with the true time of writing it. */
  beats: Record<string, { at: number; true: number }>;
  access: Access[];
  /** Until when an upload that was not finished waits for another process, by log. */
  leases: Partial<Record<LogName, number>>;
};

/** A host with its clock, and the process that runs on it. */
export type Process = {
  readonly node: string;
  /** By how much its clock is ahead of the true time, and by how much it runs too fast: -1 stands still. */
  skew: number;
  rate: number;
  steady: number;
  up: boolean;
  own: ProcessClock;
  /** Its clock at the start, and whether it differed from the true time then. */
  began: number;
  beganWrong: boolean;
  fell: boolean;
  trusted: boolean;
  /** For how long it has said, since its host's clock was last right, that expiry waits. */
  warned: number;
  /** By how much its clock was behind at its start, as far as it is not behind the newest beat. */
  unseen: number;
};

/** Which clocks besides its own a process meets: none, the database server's at each append, or the store's in replies. */
export type Witness = 'none' | 'server' | 'replies';

export type World = {
  readonly loosened: ReadonlySet<RuleName>;
  readonly witness: Witness;
  now: number;
  starts: number;
  readonly processes: readonly Process[];
  db: Tables;
  backup: Tables | null;
  calls: CallRow[];
  /** Policies of each log by id, and the one that people set last. */
  policies: Record<LogName, { ids: string[]; last: string | null }>;
  /** Whether a clock was wrong before the deployment had an event: there was no time to compare it with. */
  blank: boolean;
  /** What broke first; empty while all holds. */
  broken: string;
};

/** Whether a rule is in force. */
export const has = (w: World, rule: RuleName): boolean => !w.loosened.has(rule);
export const wall = (w: World, p: Process): number => w.now + p.skew;
export const isWrong = (p: Process): boolean => Math.abs(p.skew) > MINUTE;

/** Whether a clock or a beat is ahead of the true time. */
export function isAnyAhead(w: World): boolean {
  return w.processes.some(({ skew }) => skew > 0) || (newestBeat(w) ?? 0) > w.now + MINUTE;
}

/** Notes what broke; the first counts. */
export function breaks(w: World, what: string): void {
  if (w.broken === '') w.broken = what;
}

/** A world in which so many processes have not started yet. `kept`: whether the deployment has events of the day before. */
export function newWorld(loosened: readonly RuleName[], witness: Witness, count: number, kept: boolean): World {
  const head = (): LogHead =>
    kept
      ? { size: 1, ts: NOON - HOUR, true: NOON - HOUR, mark: NOON - HOUR, held: false }
      : { size: 0, ts: 0, true: 0, mark: 0, held: false };
  return {
    ...{
      loosened: new Set(loosened),
      witness,
      now: NOON,
      starts: 0,
      backup: null,
      calls: [],
      blank: false,
      broken: '',
    },
    processes: Array.from({ length: count }, (_, n) => newProcess(`node-${n}`)),
    db: { logs: { deployment: head(), harbour: head(), quay: head() }, beats: {}, access: [], leases: {} },
    policies: {
      ...{ deployment: { ids: [], last: null }, harbour: { ids: [], last: null }, quay: { ids: [], last: null } },
    },
  };
}

function newProcess(node: string): Process {
  const own = processClock({ now: () => NOON, steady: () => 0 });
  return {
    ...{ node, skew: 0, rate: 0, steady: 0, up: false, own, began: NOON, beganWrong: false, fell: false },
    ...{ trusted: false, warned: 0, unseen: 0 },
  };
}

/** The newest beat; null without one. */
export function newestBeat({ db }: World): number | null {
  const times = Object.values(db.beats).map(({ at }) => at);
  return times.length === 0 ? null : Math.max(...times);
}

export function newestMark({ db }: World): number | null {
  const times = LOGS.filter((log) => db.logs[log].size > 0).map((log) => db.logs[log].mark);
  return times.length === 0 ? null : Math.max(...times);
}

function newClock(w: World, p: Process): ProcessClock {
  const clock = { now: () => wall(w, p), steady: () => p.steady };
  return processClock(clock, () => {
    p.fell = true;
  });
}

/** Starts a process, or starts it again. It stays down where its clock is behind the newest beat. */
export function start(w: World, p: Process): void {
  Object.assign(p, { up: false, fell: false, trusted: false, steady: 0, began: wall(w, p), beganWrong: isWrong(p) });
  if (p.skew === 0) p.warned = 0;
  p.own = newClock(w, p);
  hear(w, p);
  const beat = newestBeat(w);
  // As `requireClockAtStart`.
  if (has(w, 'beat at start') && behindBeat(wall(w, p), beat === null ? null : iso(beat)) > 0) return;
  const seen = Math.max(...Object.values(w.db.beats).map((one) => one.true));
  p.unseen = w.witness === 'none' ? Math.max(0, Math.min(-p.skew, w.now - seen)) : 0;
  beatFirst(w, p);
  p.up = true;
  w.starts++;
}

/** A deployment that has events, and no beat, gets its first: the time of the newest event. */
export function beatFirst(w: World, p: Process): void {
  const event = newestMark(w);
  if (newestBeat(w) !== null || event === null) return;
  const logged = Math.max(...LOGS.map((log) => w.db.logs[log].true));
  w.db.beats[p.node] = { at: Math.min(event, wall(w, p)), true: logged };
}

/** The store's reply says the true time. */
function hear(w: World, p: Process): void {
  if (w.witness === 'replies' && has(w, 'reply witnesses')) p.own.hear('store', w.now);
}

/** Whether a process reads and changes anything now. One whose clock fell ends. */
export function serves(w: World, p: Process): boolean {
  if (!p.up) return false;
  hear(w, p);
  try {
    p.own.require();
    return true;
  } catch {
    if (!p.fell) return false;
    if (has(w, 'own fall')) p.up = false;
    else Object.assign(p, { own: newClock(w, p), fell: false });
    return p.up;
  }
}

/** The time at which a process can append to a log now; null where it cannot. Marks are set from events where they differ. */
export function timeIn(w: World, p: Process, log: LogName): number | null {
  if (!serves(w, p)) return null;
  const head = w.db.logs[log];
  const at = wall(w, p);
  // The append has `held is null`, and on PostgreSQL compares `clock_timestamp()`.
  if (head.held || (w.witness === 'server' && has(w, 'server witness') && Math.abs(p.skew) > WITNESS_APART_MS))
    return null;
  return timeBy(w, head, at);
}

/** The time in a log by a clock. As `db.read` and `db.change`, which set a mark from its event and try again. */
export function timeBy(w: World, head: LogHead, at: number): number | null {
  const marks = has(w, 'own floor') ? [head.mark] : LOGS.map((log) => w.db.logs[log].mark);
  const floor = Math.max(...marks);
  if (!has(w, 'floor not followed far')) return Math.max(at, floor);
  const found = transactionTime(at, iso(floor));
  if (found !== null) return Date.parse(found);
  if (head.mark === head.ts || !has(w, 'mark set from event')) return null;
  head.mark = head.ts;
  return timeBy(w, head, at);
}

/** Appends an event: its time, or null. A clock that a witness contradicts since its start must not come so far. */
export function append(w: World, p: Process, log: LogName): number | null {
  const time = timeIn(w, p, log);
  if (time === null) return null;
  const contradicted = w.witness === 'server' || (w.witness === 'replies' && p.beganWrong);
  if (contradicted && Math.abs(p.skew) > MINUTE + 1) breaks(w, 'T4 a witness contradicts the clock of an event');
  const head = w.db.logs[log];
  // The head's statement: the later of its mark and the transaction's time.
  const ts = Math.max(time, head.mark);
  Object.assign(head, { size: head.size + 1, ts, true: w.now, mark: ts });
  return time;
}

/** How a process is trusted for age now. */
export function trustOf(w: World, p: Process): AgeTrust {
  const newest = has(w, 'gap by beats') ? newestBeat(w) : newestMark(w);
  const beat = newest === null ? null : iso(newest);
  const since = { started: p.began, ran: p.steady };
  const kept = has(w, 'own rise') ? p.own.judged(beat) : { ...since, gapMs: gapBeside(since, beat, null) };
  // Without that rule the gap is what each look finds.
  const judged = has(w, 'gap when it began') ? kept : { ...kept, gapMs: gapBeside(kept, beat, null) };
  const found = ageTrust(judged);
  if (found.state === 'trusted') return found;
  const { gapMs } = found;
  const isTrusted =
    (!has(w, 'gap') && judged.ran >= LEAST_RUN_MS) ||
    (!has(w, 'ten minutes') && found.state === 'waiting' && judged.ran >= gapMs) ||
    (!has(w, 'two people over 72 hours') && judged.ran >= gapMs && judged.ran >= LEAST_RUN_MS);
  return isTrusted ? { state: 'trusted', since: found.since } : found;
}

/** True time passes: clocks run, and processes that are not trusted say so. `asleep`: this host was suspended. */
export function pass(w: World, ms: number, asleep: Process | null = null): void {
  w.now += ms;
  for (const p of w.processes) {
    p.skew += p.rate * ms;
    if (p === asleep) continue;
    p.steady += ms;
    if (p.up && !p.trusted) p.warned += ms;
  }
}
