// Random retention rules and histories of one recording, each from a seed, with what the twin says after every step.
import { dayAt, type Instant, placeOf } from './retention-calendar.ts';
import {
  FOR_EVER,
  type TwinFacts,
  type TwinPatch,
  type TwinRecording,
  type TwinRule,
  type TwinRules,
  twinAmendment,
  twinDeposit,
  twinDepositAgain,
  twinRulesChange,
} from './retention-twin.ts';

export type Step =
  | { readonly kind: 'deposit'; readonly now: Instant; readonly rules: TwinRules | null; readonly facts: TwinFacts }
  | { readonly kind: 'deposit-again'; readonly now: Instant }
  | { readonly kind: 'rules'; readonly now: Instant; readonly rules: TwinRules }
  | { readonly kind: 'amendment'; readonly now: Instant; readonly patch: TwinPatch; readonly alone: boolean };

/** From 0 to before `below`. */
export type Dice = (below: number) => number;

/** Dice that throw the same for the same seed. */
export function diceOf(seed: number): Dice {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** One of these. */
export const pick = <T>(dice: Dice, from: readonly T[]): T => from[dice(from.length)] as T;

/** Normal texts by attribute, each with the spellings that facts have of it. */
const SPELLINGS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  queue: {
    claims: ['claims', 'CLAIMS', ' Claims', 'claims\u0085', '\u00a0cLaims\u3000'],
    größe: ['größe', 'Größe', 'GRo\u0308ßE'],
    '\ufeffclaims': ['\ufeffclaims'],
    grösse: ['grösse', 'GRÖSSE'],
    'i\u0307stanbul': ['İstanbul'],
  },
  source: { pbx: ['pbx', 'PBX'], dialler: ['dialler'] },
  direction: { inbound: ['inbound'], outbound: ['outbound'], internal: ['internal'] },
  language: { 'zh-cn': ['zh-CN'], zh: ['zh'], en: ['en'] },
  sensitivity: { normal: ['normal'], sensitive: ['sensitive'] },
  basis: { consent: ['consent'], contract: ['contract'], 'legal-obligation': ['legal-obligation'] },
  'field:product': { loan: ['loan', 'Loan '], card: ['card'], '客户 贷款': ['客户 贷款', '\u2003客户 贷款'] },
  'field:constructor': { yes: ['yes', 'YES'], no: ['no'] },
};
const ATTRIBUTES = Object.keys(SPELLINGS);
const EVENTS = ['contract-end', 'account-closed', 'constructor'];

/** The days around which calendars go wrong. */
const MONTH_ENDS = ['01-28', '01-29', '01-30', '01-31', '02-28', '02-29', '03-01', '03-31', '04-30', '12-31', '01-01'];
const HOURS = ['00:00:00.000', '11:59:59.999', '12:00:00.000', '12:00:00.001', '23:00:00.000', '23:59:59.999'];

function hourOf(dice: Dice): string {
  if (dice(2) === 0) return pick(dice, HOURS);
  const two = (below: number) => String(dice(below)).padStart(2, '0');
  return `${two(24)}:${two(60)}:${two(60)}.${String(dice(1000)).padStart(3, '0')}`;
}

function dayIn(dice: Dice, firstYear: number, lastYear: number): string {
  const year = firstYear + dice(lastYear - firstYear + 1);
  if (dice(3) > 0) return dayAt(placeOf(`${year}-01-01`) + dice(365));
  const end = pick(dice, MONTH_ENDS);
  const leap = year % 400 === 0 || (year % 4 === 0 && year % 100 !== 0);
  return `${year}-${end === '02-29' && !leap ? '02-28' : end}`;
}

function instantIn(dice: Dice, firstYear: number, lastYear: number): Instant {
  return `${dayIn(dice, firstYear, lastYear)}T${hourOf(dice)}Z`;
}

/** Days after an instant, at any hour, but never before it. */
function instantAfter(dice: Dice, from: Instant, days: number): Instant {
  const later = `${dayAt(placeOf(from.slice(0, 10)) + days)}T${hourOf(dice)}Z`;
  return later > from ? later : from;
}

const DAYS = [1, 2, 7, 28, 29, 30, 31, 59, 60, 90, 365, 366, 1000];
const MONTHS = [1, 2, 3, 6, 11, 12, 13, 18, 25, 60];
const YEARS = [1, 2, 3, 4, 5, 7, 10, 30];

function periodOf(dice: Dice): string {
  const unit = dice(3);
  if (unit === 0) return `P${pick(dice, DAYS)}D`;
  return unit === 1 ? `P${pick(dice, MONTHS)}M` : `P${pick(dice, YEARS)}Y`;
}

function whenOf(dice: Dice, names: number): TwinRule['when'] {
  const when: { [name: string]: readonly string[] } = {};
  for (; names > 0; names--) {
    const name = pick(dice, ATTRIBUTES);
    const texts = Object.keys(SPELLINGS[name] as object);
    const few = texts.filter(() => dice(2) === 0);
    when[name] = few.length === 0 ? [pick(dice, texts)] : few;
  }
  return when;
}

function ruleOf(dice: Dice, kind: 'keep' | 'erase', n: number, names: number): TwinRule {
  const never = kind === 'erase' && dice(8) === 0;
  const event = !never && dice(2) === 0;
  return {
    id: `${kind}-${n}`,
    name: `Rule ${n}`,
    ...(kind === 'keep' ? { law: 'A law' } : {}),
    when: whenOf(dice, names),
    from: event ? `event:${pick(dice, EVENTS)}` : 'call',
    for: never ? 'never' : periodOf(dice),
    ...(event && dice(3) > 0 ? { most: periodOf(dice) } : {}),
  };
}

function rulesOf(dice: Dice): TwinRules {
  // A rule that erases everything is the last.
  const erase = Array.from({ length: dice(4) }, (_, n) => ruleOf(dice, 'erase', n, 1 + dice(2)));
  return {
    v: 1,
    grace: pick(dice, ['P1D', 'P7D', 'P7D', 'P30D', 'P1M', 'P2M', 'P1Y']),
    keep: Array.from({ length: dice(5) }, (_, n) => ruleOf(dice, 'keep', n, dice(3))),
    erase: [...erase, ruleOf(dice, 'erase', erase.length, 0)],
  };
}

function spellingOf(dice: Dice, attribute: string): string {
  return pick(dice, pick(dice, Object.values(SPELLINGS[attribute] ?? {})));
}

const BY_NAME = ['queue', 'direction', 'language', 'sensitivity'];
const FIELDS = ['product', 'constructor'];

function factsOf(dice: Dice, now: Instant): TwinFacts {
  const facts: { [member: string]: string | Readonly<Record<string, string>> } = {
    source: spellingOf(dice, 'source'),
    basis: { kind: spellingOf(dice, 'basis') },
  };
  const year = Number(now.slice(0, 4));
  const call = instantIn(dice, year - pick(dice, [0, 1, 2, 12]), year);
  if (dice(8) > 0) facts['started_at'] = call < now ? call : now;
  for (const name of BY_NAME) if (dice(4) > 0) facts[name] = spellingOf(dice, name);
  const fields = FIELDS.filter(() => dice(2) === 0).map((name) => [name, spellingOf(dice, `field:${name}`)]);
  if (fields.length > 0) facts['fields'] = Object.fromEntries(fields);
  const events = EVENTS.filter(() => dice(4) === 0).map((name) => [name, instantIn(dice, year - 3, year + 3)]);
  if (events.length > 0) facts['events'] = Object.fromEntries(events);
  if (dice(8) === 0) facts['retain_until'] = instantIn(dice, year - 1, year + 8);
  return facts;
}

function patchOf(dice: Dice, { facts, rules }: TwinRecording, now: Instant): TwinPatch {
  const patch: { [member: string]: TwinPatch[string] } = {};
  const year = Number(now.slice(0, 4));
  for (let members = 1 + dice(3); members > 0; members--) {
    const what = dice(rules === null ? 9 : 11);
    if (what < 3) {
      const name = pick(dice, BY_NAME);
      patch[name] = dice(5) === 0 ? null : spellingOf(dice, name);
    } else if (what === 3) patch['basis'] = { kind: spellingOf(dice, 'basis') };
    else if (what === 4) {
      const name = pick(dice, FIELDS);
      patch['fields'] = { [name]: dice(4) === 0 ? null : spellingOf(dice, `field:${name}`) };
    } else if (what < 7)
      patch['events'] = { [pick(dice, EVENTS)]: dice(6) === 0 ? null : instantIn(dice, year - 4, year + 4) };
    else if (what === 7) patch['retain_until'] = instantIn(dice, year - 2, year + 8);
    else if (what === 9) {
      if (dice(3) === 0) patch['asked'] = { at: now, request: 'sub_1' };
    } else if (what === 10)
      patch['basis'] = {
        kind: 'consent',
        withdrawn: dice(2) === 0 ? null : { at: now, purposes: dice(3) === 0 ? ['quality'] : [] },
      };
    else if (facts['started_at'] === undefined) patch['started_at'] = instantIn(dice, year - 3, year - 1);
  }
  return patch;
}

/** Some time later: often at, or near, an instant at which something ends. */
function laterThan(dice: Dice, now: Instant, { keepUntil, eraseAfter }: TwinRecording): Instant {
  const end = pick(dice, [keepUntil, eraseAfter]);
  if (dice(4) > 0 || end === null || end === FOR_EVER || end <= now || Number(end.slice(0, 4)) > 2060)
    return instantAfter(dice, now, pick(dice, [0, 0, 1, 3, 7, 8, 30, 31, 200, 366, 1500]));
  const near = pick(dice, [end, `${end.slice(0, 10)}T11:59:59.999Z`, `${end.slice(0, 10)}T12:00:00.001Z`]);
  return near > now ? near : now;
}

/** A recording's history: each step with the recording that the twin has after it. The same seed, the same history. */
export function* twinHistory(seed: number): Generator<{ readonly step: Step; readonly recording: TwinRecording }> {
  const dice = diceOf(seed);
  let now = instantIn(dice, 2019, 2033);
  const rules = dice(6) === 0 ? null : rulesOf(dice);
  const facts = factsOf(dice, now);
  let recording = twinDeposit(rules, facts, now);
  yield { step: { kind: 'deposit', now, rules, facts }, recording };
  for (let steps = 2 + dice(6); steps > 0; steps--) {
    now = laterThan(dice, now, recording);
    const kind = dice(8);
    if (kind < 2) {
      const changed = rulesOf(dice);
      recording = twinRulesChange(recording, changed, now);
      yield { step: { kind: 'rules', now, rules: changed }, recording };
    } else if (kind < 7) {
      const patch = patchOf(dice, recording, now);
      const step = { kind: 'amendment' as const, now, patch, alone: dice(3) === 0 };
      recording = twinAmendment(recording, step);
      yield { step, recording };
    } else {
      recording = twinDepositAgain(recording, now);
      yield { step: { kind: 'deposit-again', now }, recording };
    }
  }
}
