// Plays random histories by src/model/retention and compares them with the twin after every step.
import { mergeObject } from '../../src/model/amendments/merge-patch.ts';
import type { Facts } from '../../src/model/facts.ts';
import { ruledFactsOf } from '../../src/model/retention/attributes.ts';
import {
  type Evaluation,
  eraseAfterWith,
  evaluateRetention,
  loweredMinimum,
} from '../../src/model/retention/evaluate.ts';
import { FOR_EVER } from '../../src/model/retention/period.ts';
import { type RetentionRules, readRules } from '../../src/model/retention/rules.ts';
import { type Step, twinHistory } from './retention-histories.ts';
import { FOR_EVER as TWIN_FOR_EVER, type TwinRecording } from './retention-twin.ts';

/** What a row knows; `eraseAfter` null: never. */
type Row = {
  readonly facts: Facts;
  readonly begun: string;
  readonly rules: RetentionRules | null;
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

function evaluate(row: Row): Evaluation | null {
  return row.rules === null ? null : evaluateRetention(row.rules, ruledFactsOf(row.facts, row.begun));
}

/** The row as rules, an amendment or a deposit leave it at `now`. */
function settled(row: Row, now: string): Row {
  const evaluation = evaluate(row);
  if (row.rules === null || evaluation === null) return { ...row, keepUntil: row.facts.retain_until ?? null };
  const { keepUntil, eraseAfter: computed } = evaluation;
  const eraseAfter = eraseAfterWith({ computed, old: row.eraseAfter, now, grace: row.rules.grace });
  return { ...row, keepUntil, eraseAfter: eraseAfter === FOR_EVER ? null : eraseAfter };
}

function amended(row: Row, { patch, now }: Extract<Step, { kind: 'amendment' }>): Row {
  const { retain_until: given, ...others } = patch;
  const until = row.facts.retain_until;
  // The vault takes a `retain_until` only where it is later.
  const accepted = typeof given === 'string' && (until === undefined || given > until) ? { retain_until: given } : {};
  const facts = mergeObject(row.facts, { ...others, ...accepted }) as unknown as Facts;
  const [old, fresh] = [evaluate(row), evaluate({ ...row, facts })];
  const lowered = old === null || fresh === null ? null : loweredMinimum(old, fresh);
  return settled({ ...row, facts: lowered === null ? facts : { ...facts, retain_until: lowered } }, now);
}

function rowAfter(row: Row | null, step: Step): Row {
  if (step.kind === 'deposit') {
    const rules = step.rules === null ? null : readRules(step.rules);
    const facts = step.facts as unknown as Facts;
    return settled({ facts, begun: step.now, rules, keepUntil: null, eraseAfter: null }, step.now);
  }
  if (row === null) throw new Error('a history begins with a deposit');
  if (step.kind === 'amendment') return amended(row, step);
  return settled(step.kind === 'rules' ? { ...row, rules: readRules(step.rules) } : row, step.now);
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
  const evaluation = evaluate(after);
  if (after.eraseAfter === null) tally.never++;
  else if (evaluation !== null && after.eraseAfter > evaluation.eraseAfter) tally.graced++;
  if (evaluation?.keepUntil != null && evaluation.keepUntil > evaluation.maximum) tally.minimum++;
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
    ...{ histories: 0, steps: 0, lowered: 0, reported: 0, graced: 0, minimum: 0, never: 0 },
    differences: [],
  };
  for (let seed = first; seed < first + count; seed++) compareHistory(seed, tally);
  return tally;
}
