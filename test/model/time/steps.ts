// What can happen in the model of clocks, step by step, and what must hold after each.
import { vi } from 'vitest';
import { newId, newIdAfter } from '../../../src/bytes/ids.ts';
import { LONGEST_GAP_MS } from '../../../src/model/time/age-trust.ts';
import { behindBeat } from '../../../src/model/time/own-clock.ts';
import { FLOOR_AHEAD_MS, transactionTime } from '../../../src/model/time/transaction-time.ts';
import { editRow, expire, hold, shorten, store } from './calls.ts';
import * as model from './world.ts';
import {
  append,
  breaks,
  DAY,
  HOUR,
  has,
  iso,
  type Kind,
  type LogName,
  MINUTE,
  type Process,
  type World,
  wall,
} from './world.ts';

/** How long each kind gives access; an API key has no end. */
const LASTS: Readonly<Record<Kind, number>> = {
  ...{ sign_in: 8 * HOUR, session: HOUR, grant: 4 * HOUR, change: 7 * DAY, api_key: Number.POSITIVE_INFINITY },
};

/** Numbers of processes and calls are taken modulo how many there are. Times are in milliseconds. */
export type Step =
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'sleep'; readonly p: number; readonly ms: number }
  | { readonly do: 'clock'; readonly p: number; readonly skew: number; readonly rate?: number }
  | { readonly do: 'start' | 'stop' | 'correct' | 'confirm'; readonly p: number }
  | { readonly do: 'open'; readonly p: number; readonly log: LogName; readonly kind: Kind }
  | { readonly do: 'store'; readonly p: number; readonly log: LogName; readonly queue: string; readonly days: number }
  | { readonly do: 'hold' | 'policy' | 'upload'; readonly p: number; readonly log: LogName }
  | { readonly do: 'shorten'; readonly p: number; readonly call: number }
  | { readonly do: 'row'; readonly call: number }
  | { readonly do: 'mark'; readonly log: LogName; readonly ms: number }
  | { readonly do: 'beats' | 'backup' | 'restore' }
  | { readonly do: 'log restore'; readonly log: LogName };

/** Plays a history to its end, or until something breaks: what broke, empty where all held, and after how many steps. */
export function play(w: World, history: readonly Step[]): { readonly broken: string; readonly steps: number } {
  let steps = 0;
  for (const step of history) {
    steps++;
    take(w, step);
    rounds(w);
    check(w);
    if (w.broken !== '') break;
  }
  return { broken: w.broken, steps };
}

function take(w: World, step: Step): void {
  const p = 'p' in step ? (w.processes[step.p % w.processes.length] as Process) : (w.processes[0] as Process);
  const call = 'call' in step ? w.calls[step.call % Math.max(1, w.calls.length)] : undefined;
  if (step.do === 'pass') passSlowly(w, step.ms);
  else if (step.do === 'sleep') model.pass(w, step.ms, p);
  else if (step.do === 'clock') {
    // What is ahead is put right before a clock goes wrong again: what several errors add up to is a limit.
    if (step.skew !== 0 && (p.skew !== 0 || model.isAnyAhead(w))) return;
    w.blank ||= step.skew !== 0 && model.newestBeat(w) === null && model.newestMark(w) === null;
    Object.assign(p, { skew: step.skew, rate: step.rate ?? 0, warned: 0 });
  } else if (step.do === 'start') model.start(w, p);
  else if (step.do === 'stop') p.up = false;
  else if (step.do === 'open') open(w, p, step.log, step.kind);
  else if (step.do === 'store') store(w, p, step.log, step.queue, step.days);
  else if (step.do === 'hold') hold(w, p, step.log);
  else if (step.do === 'policy') setPolicy(w, p, step.log);
  else if (step.do === 'upload') upload(w, p, step.log);
  else if (step.do === 'correct') correct(w, p);
  else if (step.do === 'confirm') confirm(w, p);
  else if (step.do === 'shorten' && call !== undefined) shorten(w, p, call);
  else if (step.do === 'row' && call !== undefined) editRow(call);
  else if (step.do === 'mark') w.db.logs[step.log].mark = w.now + step.ms;
  else if (step.do === 'beats') w.db.beats = {};
  else if (step.do === 'backup') w.backup = structuredClone(w.db);
  else if (step.do === 'restore') restore(w);
  else if (step.do === 'log restore') restoreLog(w, step.log);
}

/** Rounds of work run before the last minute too: a beat is never older than that in a process that runs. */
function passSlowly(w: World, ms: number): void {
  if (ms > 2 * MINUTE) {
    model.pass(w, ms - MINUTE);
    rounds(w);
  }
  model.pass(w, Math.min(ms, ms > 2 * MINUTE ? MINUTE : ms));
}

/** What each process does by itself. */
function rounds(w: World): void {
  for (const p of w.processes) {
    if (!model.serves(w, p)) continue;
    const trust = model.trustOf(w, p);
    p.trusted = trust.state === 'trusted';
    if (trust.state !== 'trusted' && trust.gapMs === 0 && has(w, 'first beat soon')) model.beatFirst(w, p);
    if (p.trusted || !has(w, 'beats of trusted alone')) w.db.beats[p.node] = { at: wall(w, p), true: w.now };
    if (p.trusted) expire(w, p);
    for (const log of model.LOGS) {
      const [now, lease] = [model.timeIn(w, p, log), w.db.leases[log]];
      if (now === null) continue;
      if (lease !== undefined && lease <= now && append(w, p, log) !== null) delete w.db.leases[log];
      for (const one of w.db.access) if (one.log === log && !one.ended) one.ended = one.expires <= now;
    }
    // Each sealing compares the mark with the newest event.
    if (has(w, 'mark set from event')) for (const head of Object.values(w.db.logs)) head.mark = head.ts;
  }
}

function open(w: World, p: Process, log: LogName, kind: Kind): void {
  const now = append(w, p, log);
  if (now === null) return;
  const lasts = LASTS[kind];
  const [expires, wrong] = [now + lasts, p.skew > MINUTE];
  w.db.access.push({ kind, log, opened: now, expires, made: w.now, lasts, wrong, ended: false });
}

/** Two people change the policy. Ids are made by the process's clock. */
function setPolicy(w: World, p: Process, log: LogName): void {
  if (append(w, p, log) === null) return;
  const known = w.policies[log];
  vi.setSystemTime(wall(w, p));
  const id = has(w, 'later version ids') ? newIdAfter('pol', known.ids.toSorted().at(-1) ?? null) : newId('pol');
  known.ids.push(id);
  known.last = id;
}

function upload(w: World, p: Process, log: LogName): void {
  const now = append(w, p, log);
  if (now !== null) w.db.leases[log] = now + 5 * MINUTE;
}

/** Two people sign in a page that compares the service's clock with their own devices', which are right. */
function twoSign(w: World, p: Process): boolean {
  return !has(w, 'people compare clocks') || Math.abs(p.skew) <= MINUTE;
}

/** `callvault clock correct` on the host of a process, which need not run. As `correct-log.ts`. */
function correct(w: World, p: Process): void {
  const to = wall(w, p);
  if (w.witness === 'server' && has(w, 'server witness') && Math.abs(p.skew) > MINUTE) return;
  const isAhead = (time: number): boolean => transactionTime(to, iso(time)) === null;
  const ahead = model.LOGS.filter((log) => isAhead(w.db.logs[log].ts) && !w.db.logs[log].held);
  const beat = model.newestBeat(w);
  if (ahead.includes('deployment') || (beat !== null && isAhead(beat))) {
    if (has(w, 'deletes later beats'))
      w.db.beats = Object.fromEntries(Object.entries(w.db.beats).filter(([, { at }]) => at <= to));
  }
  for (const log of ahead) {
    if (log !== 'deployment' && !twoSign(w, p)) continue;
    const head = w.db.logs[log];
    Object.assign(head, { size: head.size + 1, ts: to, true: w.now, mark: to });
    // As `end-later.ts`.
    for (const one of w.db.access.filter((some) => some.log === log && some.opened > to + FLOOR_AHEAD_MS)) {
      if (one.opened <= w.now && log !== 'deployment')
        breaks(w, 'T3 a correction ends what was opened in the right time');
      one.ended ||= has(w, `ends ${one.kind}`);
    }
    const lease = w.db.leases[log];
    if (lease !== undefined && lease > to && has(w, 'sets work back')) w.db.leases[log] = to;
    if (w.db.access.some((one) => one.log === log && !one.ended && one.opened > to + FLOOR_AHEAD_MS))
      breaks(w, 'T3 what was opened in the wrong time goes on after a correction');
    if ((w.db.leases[log] ?? 0) > to) breaks(w, 'T3 work waits for the wrong time after a correction');
  }
  const left = model.newestBeat(w);
  if (!model.isWrong(p) && behindBeat(to, left === null ? null : iso(left)) > 0)
    breaks(w, 'T3 no process starts by the right clock after a correction');
}

/** `callvault clock confirm`: two people decide, and the node beats. */
function confirm(w: World, p: Process): void {
  const beat = model.newestBeat(w);
  if (beat === null || wall(w, p) - beat <= LONGEST_GAP_MS || !twoSign(w, p)) return;
  if (append(w, p, 'deployment') !== null) w.db.beats[p.node] = { at: wall(w, p), true: w.now };
}

/** Yesterday's database. Logs that are shorter than what was published are held. Streams of holds and calls are in the store. */
function restore(w: World): void {
  if (w.backup === null) return;
  for (const p of w.processes) p.up = false;
  const before = w.db.logs;
  w.db = structuredClone(w.backup);
  for (const log of model.LOGS) {
    const head = w.db.logs[log];
    // The published events, which the command brings back.
    if (head.size < before[log].size) Object.assign(head, { ...before[log], mark: head.mark, held: true });
  }
}

/** `callvault log restore`: the published events are back, the mark is that of the newest, and what gave access ends. */
function restoreLog(w: World, log: LogName): void {
  const head = w.db.logs[log];
  if (!head.held) return;
  Object.assign(head, { held: false, mark: head.ts });
  for (const one of w.db.access) if (one.log === log) one.ended = true;
}

/** What must hold after each step. */
function check(w: World): void {
  for (const log of model.LOGS) {
    const head = w.db.logs[log];
    // A log that no wrong clock put ahead takes events by a right clock, whatever happened to marks and to other logs.
    if (!head.held && head.ts <= w.now + MINUTE) {
      const time = model.timeBy(w, { ...head }, w.now);
      if (time === null) breaks(w, 'T1 a log that is not ahead takes no events');
      else if (time > w.now + MINUTE) breaks(w, 'T1 time in a log is not the time');
    }
    const { ids, last } = w.policies[log];
    if (last !== null && ids.toSorted().at(-1) !== last)
      breaks(w, 'T3 the policy that people set last is not in force');
  }
  for (const p of w.processes)
    for (const log of model.LOGS) {
      const live = w.db.access.filter((one) => one.log === log && !one.ended);
      const now = live.length === 0 ? null : model.timeIn(w, p, log);
      if (now !== null) for (const one of live) checkAccess(w, p, one, now);
    }
}

/** T2: nothing is used for longer than it lasts, but for a minute a start and a thousandth of the time run. */
function checkAccess(w: World, p: Process, { expires, made, lasts, wrong }: model.Access, now: number): void {
  if (now >= expires) return;
  // Without a correction, what was made by a clock ahead lasts by that: a limit.
  const end = wrong ? Math.max(made + lasts, expires) : made + lasts;
  const slack = (2 + w.starts) * MINUTE + (w.now - model.NOON) / 1000;
  if (w.now > end + p.unseen + slack) breaks(w, 'T2 access is longer than it lasts');
}
