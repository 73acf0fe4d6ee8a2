// Plays random histories by src/model/retention and compares them with the twin after every step.

import type { JsonObject } from '../../src/model/amendments/amendment.ts';
import { mergeObject } from '../../src/model/amendments/merge-patch.ts';
import type { Facts } from '../../src/model/facts.ts';
import {
  dueOf,
  lifetimeAfter,
  lifetimeOf,
  minimumToKeep,
  type RulesInForce,
} from '../../src/model/retention/lifetime.ts';
import { FOR_EVER } from '../../src/model/retention/period.ts';
import { readRules } from '../../src/model/retention/rules.ts';
import { type Step, twinHistory } from './retention-histories.ts';
import { FOR_EVER as TWIN_FOR_EVER, type TwinRecording, type TwinRules } from './retention-twin.ts';

/** What a row knows; `eraseAfter` null: never. */
type Row = {
  readonly facts: Facts;
  readonly begun: string;
  readonly version: RulesInForce | null;
  readonly keepUntil: string | null;
  readonly eraseAfter: string | null;
};

/** What both say of a recording; FOR_EVER where there is no end. */
type Lifetime = {
  readonly retainUntil: string | null;
  readonly keepUntil: string | null;
  readonly eraseAfter: string;
};

/** A step after which the two differ, the last of `steps`. */
type Difference = {
  readonly seed: number;
  readonly steps: readonly Step[];
  readonly before: TwinRecording | null;
  readonly twin: Lifetime;
  readonly model: Lifetime;
};

/** The row as rules or a deposit leave it at `now`. */
function settled(row: Row, now: string): Row {
  const due = dueIn(row);
  const { keepUntil, eraseAfter } = lifetimeOf(row.version, due, { before: row.eraseAfter, now });
  return { ...row, keepUntil, eraseAfter };
}

function dueIn({ version, facts, begun }: Row) {
  return dueOf(version?.rules ?? null, facts, begun);
}

function amended(row: Row, { patch, now, alone }: Extract<Step, { kind: 'amendment' }>): Row {
  const { retain_until: given, ...others } = patch;
  const until = row.facts.retain_until;
  // The vault takes a `retain_until` only where it is later.
  const accepted = typeof given === 'string' && (until === undefined || given > until) ? { retain_until: given } : {};
  const facts = mergeObject(row.facts, { ...others, ...accepted } as JsonObject) as unknown as Facts;
  const minimum = minimumToKeep(row.version?.rules ?? null, row.facts, facts, row.begun);
  const after = minimum === null ? facts : { ...facts, retain_until: minimum };
  const [from, to] = [dueIn(row), dueIn({ ...row, facts: after })];
  const before = { keepUntil: row.keepUntil, eraseAfter: row.eraseAfter, ruled: row.version?.id ?? null };
  const by = alone ? 'person' : 'platform';
  const { keepUntil, eraseAfter } = lifetimeAfter(row.version, { from, to, row: before, now, by, late: 'no' });
  return { ...row, facts: after, keepUntil, eraseAfter };
}

function rowAfter(row: Row | null, step: Step): Row {
  if (row === null) {
    if (step.kind !== 'deposit') throw new Error('a history begins with a deposit');
    const facts = step.facts as unknown as Facts;
    const empty = { keepUntil: null, eraseAfter: null };
    return settled({ facts, begun: step.now, version: versionOf(step.rules, step.now), ...empty }, step.now);
  }
  if (step.kind === 'amendment') return amended(row, step);
  if (step.kind === 'rules') return settled({ ...row, version: versionOf(step.rules, step.now) }, step.now);
  return settled(row, step.now);
}

function versionOf(rules: TwinRules | null, since: string): RulesInForce | null {
  return rules === null ? null : { id: 'ret_1', since, rules: readRules(rules) };
}

const endOf = (twin: string): string => (twin === TWIN_FOR_EVER ? FOR_EVER : twin);

function twinLifetime({ facts, keepUntil, eraseAfter }: TwinRecording): Lifetime {
  const retainUntil = facts['retain_until'];
  return {
    retainUntil: typeof retainUntil === 'string' ? endOf(retainUntil) : null,
    keepUntil: keepUntil === null ? null : endOf(keepUntil),
    eraseAfter: endOf(eraseAfter),
  };
}

function rowLifetime({ facts, keepUntil, eraseAfter }: Row): Lifetime {
  return { retainUntil: facts.retain_until ?? null, keepUntil, eraseAfter: eraseAfter ?? FOR_EVER };
}

/** What histories went through, so that a comparison of nothing is seen. */
export type Tally = {
  histories: number;
  steps: number;
  /** Amendments that lowered the minimum, and so set `retain_until`. */
  lowered: number;
  /** Amendments after which the minimum is earlier: an event was reported. */
  reported: number;
  /** Steps after which only the grace or an earlier one keeps it. */
  graced: number;
  /** Steps after which the minimum is later than what the erasing rule says. */
  minimum: number;
  never: number;
  /** Steps with a recording whose subject asked to erase it. */
  asked: number;
  differences: Difference[];
};

function countStep(tally: Tally, step: Step, before: Row | null, after: Row): void {
  tally.steps++;
  const { retain_until: until } = after.facts;
  const earlier = (after.keepUntil ?? '') < (before?.keepUntil ?? '');
  if (step.kind === 'amendment') {
    if (until !== before?.facts.retain_until && until !== step.patch['retain_until']) tally.lowered++;
    if (earlier) tally.reported++;
  }
  const due = dueOf(after.version?.rules ?? null, after.facts, after.begun);
  if (after.eraseAfter === null) tally.never++;
  else if (after.eraseAfter > due.eraseAfter) tally.graced++;
  if (due.asked) tally.asked++;
  if (due.evaluation?.keepUntil != null && due.evaluation.keepUntil > due.evaluation.maximum) tally.minimum++;
}

function compareHistory(seed: number, tally: Tally): void {
  const steps: Step[] = [];
  let row: Row | null = null;
  let before: TwinRecording | null = null;
  tally.histories++;
  for (const { step, recording } of twinHistory(seed)) {
    steps.push(step);
    const after = rowAfter(row, step);
    const [twin, model] = [twinLifetime(recording), rowLifetime(after)];
    const same =
      twin.retainUntil === model.retainUntil &&
      twin.keepUntil === model.keepUntil &&
      twin.eraseAfter === model.eraseAfter;
    if (!same) {
      tally.differences.push({ seed, steps, before, twin, model });
      return;
    }
    countStep(tally, step, row, after);
    row = after;
    before = recording;
  }
}

/** Compares the histories of `count` seeds from `first` on; each ends at its first difference. */
export function compareHistories(first: number, count: number): Tally {
  const tally: Tally = {
    ...{ histories: 0, steps: 0, lowered: 0, reported: 0, graced: 0, minimum: 0, never: 0, asked: 0 },
    differences: [],
  };
  for (let seed = first; seed < first + count; seed++) compareHistory(seed, tally);
  return tally;
}
