// The tally of a preview: what new rules would do to recordings, counted in groups that every rule treats alike.

import type { Facts } from '../facts.ts';
import type { RuledFacts } from './attributes.ts';
import { eraseAfterWith, evaluateRetention } from './evaluate.ts';
import { type Due, dueOf } from './lifetime.ts';
import { FOR_EVER } from './period.ts';
import { PREVIEW_MONTHS, type RetentionPreview, type RuleCount } from './preview.ts';
import type { RetentionRules } from './rules.ts';

export type Tally = {
  /** Adds recordings that every rule treats alike: those of a profile that began on one UTC day, with events on one day. */
  readonly addGroup: (facts: RuledFacts, count: number) => void;
  /** Adds one recording by its facts. */
  readonly addOne: (facts: Facts, begun: string) => void;
  readonly result: (kept: { readonly held: number; readonly restricted: number }) => RetentionPreview;
};

type Said = Pick<Due, 'keepUntil' | 'eraseAfter' | 'evaluation'>;

/** Tallies recordings under the rules before (null: none) and after, as approved at `at`. */
export function tallyOf(was: RetentionRules | null, set: RetentionRules, at: string): Tally {
  const months = monthsAfter(at);
  const inMonths = new Map(months.map((month) => [month, { was: 0, now: 0 }]));
  const byDay = new Map<string, number>();
  const rules = new Map<string, { was: number | null; now: number | null }>();
  for (const one of [...(was?.keep ?? []), ...(was?.erase ?? [])]) rules.set(one.id, { was: 0, now: null });
  for (const { id } of [...set.keep, ...set.erase]) rules.set(id, { was: rules.get(id)?.was ?? null, now: 0 });
  const graceEnd = eraseAfterWith({ computed: '', old: null, now: at, grace: set.grace });
  let [recordings, earlier, atGrace, later] = [0, 0, 0, 0];

  const countRules = (said: Said, side: 'was' | 'now', count: number): void => {
    const { keptBy, erasedBy } = said.evaluation ?? { keptBy: null, erasedBy: null };
    for (const id of [keptBy, erasedBy]) {
      const line = id === null ? undefined : rules.get(id);
      if (line !== undefined && line[side] !== null) line[side] += count;
    }
  };

  const add = (before: Said, after: Said, count: number): void => {
    const old = before.eraseAfter;
    const due = eraseAfterWith({ computed: after.eraseAfter, old, now: at, grace: set.grace });
    recordings += count;
    if (due < old) {
      earlier += count;
      if (due === graceEnd) atGrace += count;
    } else if (due > old) later += count;
    for (const [side, when] of [
      ['was', old],
      ['now', due],
    ] as const) {
      const month = inMonths.get((when < at ? at : when).slice(0, 7));
      if (month !== undefined && when < FOR_EVER) month[side] += count;
    }
    if (due < FOR_EVER) {
      const day = (due < at ? at : due).slice(0, 10);
      byDay.set(day, (byDay.get(day) ?? 0) + count);
    }
    countRules(before, 'was', count);
    countRules(after, 'now', count);
  };

  return {
    addGroup: (facts, count) => add(was === null ? NOTHING : saidOf(was, facts), saidOf(set, facts), count),
    addOne: (facts, begun) => add(dueOf(was, facts, begun), dueOf(set, facts, begun), 1),
    result: (kept) => {
      const days = [...byDay].sort(([one], [other]) => (one < other ? -1 : 1));
      const busiest = days.reduce<readonly [string, number] | null>(
        (most, day) => (most === null || day[1] > most[1] ? day : most),
        null,
      );
      return {
        ...{ at, recordings, earlier, at_grace: atGrace, later, unchanged: recordings - earlier - later },
        ...{ first_day: days[0]?.[0] ?? null, busiest_day: busiest?.[0] ?? null, busiest: busiest?.[1] ?? 0 },
        months: [...inMonths].map(([month, counts]) => ({ month, ...counts })),
        rules: [...rules].map(([rule, counts]): RuleCount => ({ rule, ...counts })),
        ...kept,
      };
    },
  };
}

const NOTHING: Said = { keepUntil: null, eraseAfter: FOR_EVER, evaluation: null };

function saidOf(rules: RetentionRules, facts: RuledFacts): Said {
  const evaluation = evaluateRetention(rules, facts);
  return { keepUntil: evaluation.keepUntil, eraseAfter: evaluation.eraseAfter, evaluation };
}

function monthsAfter(at: string): readonly string[] {
  const [year, month] = [Number(at.slice(0, 4)), Number(at.slice(5, 7)) - 1];
  return Array.from({ length: PREVIEW_MONTHS }, (_, n) =>
    new Date(Date.UTC(year, month + n, 1)).toISOString().slice(0, 7),
  );
}
