// How long a recording stays: what its row says of it after a deposit, an amendment, or new rules.
import type { Facts } from '../facts.ts';
import { ruledFactsOf } from './attributes.ts';
import { type Evaluation, eraseAfterWith, evaluateRetention, loweredMinimum } from './evaluate.ts';
import { FOR_EVER, type Period } from './period.ts';
import type { RetentionVersion } from './rows.ts';
import type { RetentionRules } from './rules.ts';

export type RulesInForce = RetentionVersion<RetentionRules>;

/** The columns of a recording that say how long it stays. `eraseAfter` null: it does not expire. */
export type Lifetime = {
  readonly keepUntil: string | null;
  readonly eraseAfter: string | null;
  readonly ruled: string | null;
};

/** How long what is asked to be erased stays where a tenant has no rules. */
const USUAL_GRACE: Period = 'P7D';

/** What the rules and the recording's own facts say, before any grace. */
export type Due = {
  readonly keepUntil: string | null;
  /** FOR_EVER: it does not expire. Empty: at once, because nothing keeps what was asked to be erased. */
  readonly eraseAfter: string;
  /** Null where the tenant has no rules. */
  readonly evaluation: Evaluation | null;
  /** Whether the subject asked for it: by a request, or by a withdrawn consent without another basis. */
  readonly asked: boolean;
};

/** `begun` is when the call counts as begun where the facts do not say it. */
export function dueOf(rules: RetentionRules | null, facts: Facts, begun: string): Due {
  const asked = isAsked(facts);
  if (rules === null) {
    const keepUntil = facts.retain_until ?? null;
    return { keepUntil, eraseAfter: asked ? (keepUntil ?? '') : FOR_EVER, evaluation: null, asked };
  }
  const evaluation = evaluateRetention(rules, ruledFactsOf(facts, begun));
  const { keepUntil, eraseAfter } = evaluation;
  return { keepUntil, eraseAfter: asked ? (keepUntil ?? '') : eraseAfter, evaluation, asked };
}

/** Whether the subject asked for the recording to be erased, or withdrew, for all purposes, the consent that is its basis. */
export function isAsked({ asked, basis }: Facts): boolean {
  return asked !== undefined || (basis.kind === 'consent' && basis.withdrawn?.purposes.length === 0);
}

/**
 * The columns after a deposit or new rules, which come by two people; `before` is the recording's `eraseAfter` before it,
 * `now` the time of the change.
 */
export function lifetimeOf(
  version: RulesInForce | null,
  { keepUntil, eraseAfter: computed, asked }: Due,
  { before, now }: { readonly before: string | null; readonly now: string },
): Lifetime {
  const ruled = version?.id ?? null;
  if (version === null && !asked) return { keepUntil, eraseAfter: null, ruled };
  const grace = version?.rules.grace ?? USUAL_GRACE;
  const eraseAfter = eraseAfterWith({ computed, old: before, now, grace });
  return { keepUntil, eraseAfter: eraseAfter >= FOR_EVER ? null : eraseAfter, ruled };
}

/** A change of facts: what they say before and after it, the row before it, and who makes it when. */
type FactsChanged = {
  readonly from: Due;
  readonly to: Due;
  readonly row: Pick<Lifetime, 'keepUntil' | 'eraseAfter' | 'ruled'>;
  readonly now: string;
  readonly by: 'platform' | 'person';
  /**
   * Whether the facts of the call stand already. The first change after that: `to` says what all its facts say
   * (`sealedDue`), which is less only where a rule no longer waits for an event. Of a later one that is not known here.
   */
  readonly late: 'no' | 'first' | 'again';
};

/**
 * The columns after a change of facts. A person alone makes no recording go earlier, whatever they correct, unless the
 * change brings it under a withdrawal or request. A platform amends what it could have sent with the call: until its facts
 * stand, the recording goes earlier by what this amendment says, and only where nothing (a person's correction, a grace)
 * holds it already. A row that was not brought to the rules yet gets first what they say of the facts before.
 */
export function lifetimeAfter(version: RulesInForce | null, { from, to, row, now, by, late }: FactsChanged): Lifetime {
  const isBehind = version !== null && row.ruled !== version.id;
  const before = isBehind
    ? lifetimeOf(version, from, { before: row.eraseAfter, now: version.since }).eraseAfter
    : row.eraseAfter;
  const granted = lifetimeOf(version, to, { before, now });
  const isHeld = (before ?? FOR_EVER) > from.eraseAfter;
  const isWish = to.asked && !from.asked;
  const mayGoEarlier = by === 'person' || late === 'again' ? isWish : to.eraseAfter < from.eraseAfter && !isHeld;
  const isEarlier = (granted.eraseAfter ?? FOR_EVER) < (before ?? FOR_EVER);
  const lifetime = isEarlier && !mayGoEarlier ? { ...granted, eraseAfter: before } : granted;
  if (late !== 'again') return lifetime;
  const keepUntil = (row.keepUntil ?? '') > (granted.keepUntil ?? '') ? row.keepUntil : granted.keepUntil;
  // Background work looks at all its facts when it brings it to the rules: not yet here.
  return { ...lifetime, keepUntil, ruled: isBehind ? row.ruled : lifetime.ruled };
}

/** Whether a recording may expire now: by its row, and by the rules on its facts. */
export function isDue({ eraseAfter }: Pick<Lifetime, 'eraseAfter'>, due: Due, now: string): boolean {
  return eraseAfter !== null && eraseAfter <= now && due.eraseAfter <= now && (due.keepUntil ?? '') <= now;
}

/**
 * The `retain_until` that an amendment from some facts to others must set, because it would lower the minimum; null where
 * it does not.
 */
export function minimumToKeep(rules: RetentionRules | null, from: Facts, to: Facts, begun: string): string | null {
  if (rules === null) return null;
  const [old, now] = [from, to].map((facts) => dueOf(rules, facts, begun).evaluation);
  return old && now ? loweredMinimum(old, now) : null;
}
