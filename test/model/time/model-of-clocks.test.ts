// The rules of time together: random histories break nothing, and without any one rule a short history does.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { play, type Step } from './steps.ts';
import { DAY, HOUR, LOGS, MINUTE, newWorld, RULES, type RuleName, type Witness } from './world.ts';

beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterAll(() => void vi.useRealTimers());

const YEARS = 700 * DAY;
/** Seeds of a run; a failure names its seed. */
const HISTORIES = 2_000;

const KINDS = ['sign_in', 'session', 'grant', 'change', 'api_key'] as const;

/** The same numbers for the same seed (mulberry32): `below` gives a whole number from 0, `of` a member. */
function randomOf(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (most: number): number => Math.floor(next() * most);
  const of = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  return { below, of };
}

type Setting = { readonly witness: Witness; readonly processes: number; readonly kept: boolean };
type History = Setting & { readonly steps: readonly Step[] };

function randomHistory(seed: number): History {
  const { below, of } = randomOf(seed);
  const setting: Setting = {
    witness: of(['none', 'none', 'server', 'replies']),
    processes: 1 + below(3),
    kept: below(5) > 0,
  };
  // Who sets a host's clock and writes beats can do what the limits say: a history has one of both.
  const insider = below(3) === 0;
  const steps: Step[] = [{ do: 'start', p: 0 }];
  const skews = [
    MINUTE / 2,
    -MINUTE / 2,
    9 * MINUTE,
    -9 * MINUTE,
    3 * HOUR,
    -3 * HOUR,
    30 * HOUR,
    60 * HOUR,
    -30 * HOUR,
    100 * HOUR,
    20 * DAY,
    YEARS,
    -YEARS,
  ];
  const step = (): Step[] => {
    const [p, log, call] = [below(3), of(LOGS), below(8)];
    const ms = of([MINUTE, 5 * MINUTE, 11 * MINUTE, HOUR, 5 * HOUR, 26 * HOUR, 60 * HOUR, 110 * HOUR]);
    const clock = (): Step[] => [
      { do: 'clock', p, skew: of(skews), rate: of([0, 0, 0, 0, 0.0005, -0.0005, 0.02, -0.02, -1]) },
    ];
    const right = (): Step[] => [
      { do: 'clock', p, skew: 0 },
      { do: 'start', p },
    ];
    const acts: (() => Step[])[] = [
      ...Array<() => Step[]>(6).fill(() => [{ do: 'pass', ms }]),
      ...Array<() => Step[]>(3).fill(() => [{ do: 'start', p }]),
      ...Array<() => Step[]>(4).fill(() => [{ do: 'open', p, log, kind: of(KINDS) }]),
      ...Array<() => Step[]>(4).fill(() => [{ do: 'store', p, log, queue: of(['advice', 'other']), days: below(10) }]),
      ...Array<() => Step[]>(3).fill(
        insider ? () => [of<Step>([{ do: 'beats' }, { do: 'mark', log, ms: -ms }])] : clock,
      ),
      ...Array<() => Step[]>(2).fill(right),
      ...Array<() => Step[]>(2).fill(() => [{ do: 'correct', p }]),
      () => [{ do: 'confirm', p }],
      () => [{ do: 'sleep', p, ms }],
      () => [{ do: 'stop', p }],
      () => [{ do: 'hold', p, log }],
      () => [{ do: 'policy', p, log }],
      () => [{ do: 'upload', p, log }],
      () => [{ do: 'shorten', p, call }],
      () => [{ do: 'row', call }],
      () => [{ do: 'mark', log, ms: of([MINUTE / 2, HOUR, YEARS]) }],
      () => [{ do: 'backup' }],
      () => [{ do: 'restore' }, { do: 'start', p }],
      () => LOGS.map((one): Step => ({ do: 'log restore', log: one })),
    ];
    return of(acts)();
  };
  for (let n = 0; n < 30; n++) steps.push(...step());
  return { ...setting, steps };
}

function playIn({ witness, processes, kept, steps }: History, loosened: readonly RuleName[]) {
  return play(newWorld(loosened, witness, processes, kept), steps);
}

/** Leaves steps out for as long as the rest still breaks. */
function shortest(history: History, loosened: readonly RuleName[]): readonly Step[] {
  let steps = history.steps.slice(0, playIn(history, loosened).steps);
  for (let n = steps.length - 1; n >= 0; n--) {
    const without = steps.toSpliced(n, 1);
    if (playIn({ ...history, steps: without }, loosened).broken !== '') steps = without;
  }
  return steps;
}

const start: Step = { do: 'start', p: 0 };
const right: Step = { do: 'clock', p: 0, skew: 0 };
const correct: Step = { do: 'correct', p: 0 };
const wrong = (skew: number, p = 0): Step => ({ do: 'clock', p, skew });
const pass = (ms: number): Step => ({ do: 'pass', ms });
const open = (kind: (typeof KINDS)[number], p = 0): Step => ({ do: 'open', p, log: 'harbour', kind });
const store = (queue: 'advice' | 'other', days: number): Step => ({ do: 'store', p: 0, log: 'harbour', queue, days });
const at = (what: 'hold' | 'policy' | 'upload'): Step => ({ do: what, p: 0, log: 'harbour' });
/** A process that is trusted, and what a wrong clock does after `steps` in it. */
const trusted = [start, pass(2 * HOUR)];
const inWrongTime = (...steps: readonly Step[]): Step[] => [wrong(YEARS), start, ...steps, right, start, correct];

type Row = readonly [rule: RuleName, broken: string, steps: readonly Step[], setting?: Partial<Setting>];

/** Each rule, what breaks without it, and how. */
const LOOSENED: Row[] = [
  ['own floor', 'T1 a log that is not ahead takes no events', [wrong(YEARS), start, open('grant'), right, start]],
  [
    'floor not followed far',
    'T5 a call was destroyed that sealed facts protect',
    [...trusted, store('other', 5), { do: 'mark', log: 'harbour', ms: YEARS }],
  ],
  [
    'mark set from event',
    'T1 a log that is not ahead takes no events',
    [start, { do: 'mark', log: 'harbour', ms: YEARS }],
  ],
  [
    'server witness',
    'T4 a witness contradicts the clock of an event',
    [start, wrong(YEARS, 1), { do: 'start', p: 1 }, open('grant', 1)],
    { witness: 'server' },
  ],
  [
    'reply witnesses',
    'T4 a witness contradicts the clock of an event',
    [wrong(YEARS), start, open('grant')],
    { witness: 'replies' },
  ],
  [
    'own fall',
    'T2 access is longer than it lasts',
    [start, open('grant'), pass(HOUR), wrong(-50 * MINUTE), pass(3.5 * HOUR)],
  ],
  ['own rise', 'T2 a call was destroyed more than 72 hours early', [...trusted, store('other', 0), wrong(20 * DAY)]],
  [
    'beat at start',
    'T2 access is longer than it lasts',
    [...trusted, open('grant'), pass(HOUR / 2), wrong(-25 * MINUTE), start, pass(3.7 * HOUR)],
  ],
  [
    'beats of trusted alone',
    'T2 a call was destroyed more than 72 hours early',
    [...trusted, store('other', 0), wrong(20 * DAY), start, start, pass(11 * MINUTE)],
  ],
  [
    'first beat soon',
    'T2 a call was destroyed more than 72 hours early',
    [start, store('other', 5), wrong(YEARS), open('change'), start, pass(HOUR)],
    { kept: false },
  ],
  [
    'ten minutes',
    'T2 a call was destroyed without ten minutes of warning',
    [wrong(YEARS), start, store('other', 0), pass(48 * HOUR)],
    { kept: false },
  ],
  [
    'gap',
    'T2 a call was destroyed more than 72 hours early',
    [...trusted, store('other', 0), wrong(20 * DAY), start, pass(11 * MINUTE)],
  ],
  [
    'gap by beats',
    'T2 a call was destroyed more than 72 hours early',
    [...trusted, store('other', 0), wrong(20 * DAY), start, open('session'), start, pass(11 * MINUTE)],
  ],
  [
    'two people over 72 hours',
    'T2 a call was destroyed more than 72 hours early',
    [...trusted, store('other', 0), wrong(100 * HOUR), start, pass(170 * HOUR)],
  ],
  [
    'gap when it began',
    'T2 a call was destroyed more than 72 hours early',
    [...trusted, store('other', 3), wrong(100 * HOUR, 1), { do: 'start', p: 1 }, pass(95 * HOUR)],
  ],
  [
    'people compare clocks',
    'T3 a correction ends what was opened in the right time',
    [...trusted, open('grant'), wrong(-30 * HOUR), correct],
  ],
  ...KINDS.map(
    (kind): Row => [
      `ends ${kind}`,
      'T3 what was opened in the wrong time goes on after a correction',
      inWrongTime(open(kind)),
    ],
  ),
  [
    'deletes later beats',
    'T3 no process starts by the right clock after a correction',
    [wrong(48 * HOUR), start, pass(60 * HOUR), right, correct],
  ],
  ['sets work back', 'T3 work waits for the wrong time after a correction', inWrongTime(at('upload'))],
  [
    'later version ids',
    'T3 the policy that people set last is not in force',
    [...inWrongTime(at('policy')), at('policy')],
  ],
  [
    'sealed truth',
    'T5 a call was destroyed that sealed facts protect',
    [...trusted, store('advice', 0), { do: 'row', call: 0 }],
  ],
  [
    'late facts lengthen',
    'T5 a call was destroyed that sealed facts protect',
    [...trusted, store('advice', 9), pass(60 * HOUR), { do: 'shorten', p: 0, call: 0 }],
  ],
  [
    'holds bound by storing',
    'T3 a hold does not cover a call that was stored before it',
    [...inWrongTime(store('other', 0)), at('hold')],
  ],
];

const SETTING: Setting = { witness: 'none', processes: 2, kept: true };

describe('the rules of time', () => {
  it(`hold in ${HISTORIES} random histories`, () => {
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const history = randomHistory(seed);
      const { broken } = playIn(history, []);
      if (broken !== '')
        expect.fail(`seed ${seed}: ${broken} ${JSON.stringify({ ...history, steps: shortest(history, []) })}`);
    }
  });

  it.each(LOOSENED.map((row) => [row[0], row] as const))(
    'break without one: %s',
    (_, [rule, broken, steps, setting]) => {
      const history: History = { ...SETTING, ...setting, steps };
      expect(playIn(history, []).broken).toBe('');
      expect(playIn(history, [rule]).broken).toBe(broken);
    },
  );

  it('are all in that list', () => {
    expect(LOOSENED.map(([rule]) => rule).sort()).toEqual(RULES.toSorted());
  });
});
