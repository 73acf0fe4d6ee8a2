// Random recordings, rules and amendments of the drill of expiry, from its dice.
import type { RetentionRules } from '../../../src/model/retention/rules.ts';
import type { RawFacts } from '../../../src/vault/core/facts/raw-facts.ts';
import { type Dice, pick } from '../../support/retention-histories.ts';
import type { TwinFacts, TwinPatch } from '../../support/retention-twin.ts';
import { membersOf } from './archive.ts';

export const DAY = 86_400_000;

const QUEUES = ['claims', 'sales', 'sales', 'support', 'support', 'support'] as const;
const PRODUCTS = ['card', 'loan'] as const;
const LANGUAGES = ['en', 'zh-CN'] as const;
/** How many days before the first the calls began. */
export const OLDEST = 45;

const daysFrom = (now: string, days: number, hour: number): string =>
  `${new Date(Date.parse(now) + days * DAY).toISOString().slice(0, 10)}T${String(hour).padStart(2, '0')}:00:00.000Z`;

/** The facts of a call that began in the `days` before `now`. */
export function randomFacts(dice: Dice, n: number, now: string, days: number): RawFacts & TwinFacts {
  const isFew = (percent: number): boolean => dice(100) < percent;
  return {
    ...{ source: 'pbx', call_id: `call-${n}`, leg: '0', direction: dice(2) === 0 ? 'inbound' : 'outbound' },
    started_at: daysFrom(now, -1 - dice(days), dice(24)),
    basis: { kind: pick(dice, ['consent', 'contract', 'contract', 'legal-obligation'] as const) },
    ...(isFew(90) ? { queue: isFew(1) ? 'vip' : pick(dice, QUEUES) } : {}),
    ...(isFew(50) ? { fields: { product: pick(dice, PRODUCTS) } } : {}),
    ...(isFew(60) ? { language: pick(dice, LANGUAGES) } : {}),
    ...(isFew(5) ? { sensitivity: 'sensitive' } : {}),
    ...(isFew(20) ? { events: { ended: daysFrom(now, dice(20) - 15, dice(24)) } } : {}),
    ...(isFew(3) ? { retain_until: daysFrom(now, dice(25), dice(12)) } : {}),
  };
}

/** The number of a caller. */
export function numberOf(n: number): string {
  return `+44123${String(4_000_000 + n)}`;
}

/** Rules by which most of these calls expire within two months. */
export function randomRules(dice: Dice): RetentionRules {
  const days = (from: number, to: number) => `P${from + dice(to - from + 1)}D` as const;
  const when = () =>
    pick(dice, [
      { queue: [pick(dice, QUEUES)] },
      { 'field:product': [pick(dice, PRODUCTS)] },
      { basis: ['legal-obligation'] },
      { language: ['zh-cn'], queue: ['sales'] },
      { sensitivity: ['sensitive'] },
    ]);
  const start = (period: ReturnType<typeof days>) =>
    dice(3) > 0
      ? ({ from: 'call', for: period } as const)
      : ({ from: 'event:ended', for: days(2, 15), most: days(30, 60) } as const);
  return {
    v: 1,
    grace: days(1, 5),
    keep: Array.from({ length: dice(4) }, (_, n) => ({
      ...{ id: `keep-${n}`, name: `Keep ${n}`, law: 'A clause', when: when(), ...start(days(10, 55)) },
    })),
    erase: [
      ...Array.from({ length: dice(3) }, (_, n) => ({
        ...{ id: `erase-${n}`, name: `Erase ${n}`, when: when(), ...start(days(25, 60)) },
      })),
      { id: 'rest', name: 'Rest', when: {}, from: 'call', for: days(42, 60) },
    ],
  };
}

/** Rules by which all that nothing else keeps expires within days. */
export const LAST_RULES: RetentionRules = {
  ...{ v: 1, grace: 'P2D', keep: [] },
  erase: [{ id: 'rest', name: 'Rest', when: {}, from: 'call', for: 'P3D' }],
};

/** A patch that sets something else than the facts have. `alone`: as a person corrects. */
export function randomPatch(dice: Dice, facts: TwinFacts, now: string, alone: boolean): TwinPatch {
  const until = String(facts['retain_until'] ?? '');
  const { ended } = membersOf(facts, 'events');
  const other = <T extends string>(from: readonly T[], than: unknown): T =>
    pick(
      dice,
      [...new Set(from)].filter((one) => one !== than),
    );
  switch (dice(alone ? 5 : 3)) {
    case 0: {
      const later = daysFrom(now, 1 + dice(12), dice(12));
      if (later > until) return { retain_until: later };
      return { events: { ended: differentTime(dice, now, String(ended ?? '')) } };
    }
    case 1:
      return { events: { ended: differentTime(dice, now, String(ended ?? '')) } };
    case 2:
      return { language: other([...LANGUAGES, 'fr'], facts['language']) };
    case 3:
      return { queue: other([...QUEUES, 'vip'], facts['queue']) };
    default:
      return { fields: { product: other(PRODUCTS, membersOf(facts, 'fields')['product']) } };
  }
}

function differentTime(dice: Dice, now: string, than: string): string {
  const time = daysFrom(now, dice(20) - 10, dice(24));
  return time === than ? daysFrom(now, 11, 0) : time;
}
