// Calls in the model of clocks: how long each is kept, by its row and by what is sealed, and what expiry destroys.
import type { Facts } from '../../../src/model/facts.ts';
import { type Due, isDue, lifetimeOf, type RulesInForce } from '../../../src/model/retention/lifetime.ts';
import { type FactsThen, isLate, saysEarlier, sealedDue } from '../../../src/model/retention/sealed-lifetime.ts';
import { LONGEST_GAP_MS } from '../../../src/model/time/age-trust.ts';
import {
  append,
  breaks,
  type CallRow,
  DAY,
  has,
  iso,
  isWrong,
  type LogName,
  MINUTE,
  NOON,
  type Process,
  timeIn,
  type World,
} from './world.ts';

const VERSION: RulesInForce = {
  id: 'ret_1',
  since: iso(NOON),
  rules: {
    v: 1,
    grace: 'P1D',
    keep: [{ id: 'advice', name: 'Advice', when: { queue: ['advice'] }, from: 'call', for: 'P5Y', law: 'law' }],
    erase: [{ id: 'all', name: 'All', when: {}, from: 'call', for: 'P10D' }],
  },
} as unknown as RulesInForce;

function dueOf(begun: string, history: readonly FactsThen[]): Due {
  return sealedDue(VERSION.rules, begun, history);
}

/** Stores a call that began so many days before the true time. */
export function store(w: World, p: Process, log: LogName, queue: string, days: number): void {
  const now = append(w, p, log);
  if (now === null) return;
  const begun = iso(w.now - days * DAY);
  const facts = { v: 1, source: 'pbx', call_id: '1', leg: '0', started_at: begun, queue, basis: { kind: 'contract' } };
  const history: FactsThen[] = [{ facts: facts as unknown as Facts, at: null, events: [], wished: false }];
  const due = dueOf(begun, history);
  const row = { ...lifetimeOf(VERSION, due, { before: null, now: iso(now) }), holds: 0 };
  w.calls.push({ log, created: now, begun, row, history, due: Date.parse(due.eraseAfter), held: false, erased: false });
}

/** With the keys of a node that takes calls: writes valid facts that no rule keeps, and a row that is due. */
export function shorten(w: World, p: Process, call: CallRow): void {
  const now = append(w, p, call.log);
  const last = call.history.at(-1);
  // In the first day that is what the platform may do.
  if (now === null || last === undefined || !isLate(iso(call.created), iso(now))) return;
  const late: FactsThen = { ...last, facts: { ...last.facts, queue: 'other' }, at: iso(now) };
  call.history.push(late);
  call.row = { ...call.row, keepUntil: null, eraseAfter: dueOf(call.begun, [late]).eraseAfter };
}

/** By database alone: sets a row to be due, and its count of holds to none. */
export function editRow(call: CallRow): void {
  call.row = { ...call.row, keepUntil: null, eraseAfter: iso(NOON), holds: 0 };
}

/** A hold by query of all calls that a tenant has. One that was stored before it must be covered, whatever the clocks said. */
export function hold(w: World, p: Process, log: LogName): void {
  const now = append(w, p, log);
  if (now === null) return;
  for (const call of w.calls.filter((one) => one.log === log && !one.erased)) {
    // As `hold-matches.ts`: by the call's beginning and the row's time; or, before that rule, by the time in ids.
    const before = now + MINUTE;
    const bounds = Date.parse(call.begun) < before || call.created < before || call.created > before;
    const isCovered = has(w, 'holds bound by storing') ? bounds : call.created <= now;
    if (!isCovered) breaks(w, 'T3 a hold does not cover a call that was stored before it');
    call.held ||= isCovered;
    call.row = { ...call.row, holds: Number(isCovered) };
  }
}

/** Expires what is due by this process, which is trusted for age. As `expire-batch.ts`. */
export function expire(w: World, p: Process): void {
  for (const call of w.calls) {
    if (call.erased || call.row.holds > 0) continue;
    const now = timeIn(w, p, call.log);
    if (now === null || call.row.eraseAfter === null || call.row.eraseAfter > iso(now)) continue;
    const due = has(w, 'sealed truth') ? dueOf(call.begun, countedOf(w, call)) : dueByRow(call);
    if (has(w, 'sealed truth') && (call.held || saysEarlier(call.row, due)))
      call.row = { ...call.row, eraseAfter: iso(now + DAY) };
    else if (!isDue(call.row, due, iso(now)))
      call.row = { ...call.row, ...lifetimeOf(VERSION, due, { before: call.row.eraseAfter, now: iso(now) }) };
    else if (append(w, p, call.log) !== null) {
      call.erased = true;
      judge(w, p, call);
    }
  }
}

/** Late facts count together with those of the first day; without that rule the last ones count alone. */
function countedOf(w: World, { history }: CallRow): readonly FactsThen[] {
  return has(w, 'late facts lengthen') ? history : history.slice(-1).map((last) => ({ ...last, at: null }));
}

function dueByRow({ row }: CallRow): Due {
  return { keepUntil: row.keepUntil, eraseAfter: row.eraseAfter ?? '', evaluation: null, asked: false };
}

/** Whether what was destroyed now may be: T1, T2 and T5. */
function judge(w: World, p: Process, call: CallRow): void {
  const early = call.due - w.now;
  // Errors that no rule sees: a minute a start, a thousandth of the time run.
  const slack = (2 + w.starts) * MINUTE + (w.now - NOON) / 1000;
  if (call.held) breaks(w, 'T5 a call under a hold was destroyed');
  if (early <= slack) return;
  if (!isWrong(p)) breaks(w, 'T5 a call was destroyed that sealed facts protect');
  else if (w.blank) {
    // A deployment without events has no time to compare with: ten minutes are all that is promised.
    if (p.warned < 10 * MINUTE) breaks(w, 'T2 a call was destroyed without ten minutes of warning');
  } else if (early > LONGEST_GAP_MS + slack) breaks(w, 'T2 a call was destroyed more than 72 hours early');
  else if (p.warned < early - slack) breaks(w, 'T2 a call was destroyed before a warning as long as the error');
}
