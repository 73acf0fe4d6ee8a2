// Views of legal holds: what people wrote of each, what it covers by rule, and how many recordings it has.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { HoldScope } from '../../model/amendments/amendment.ts';
import { type Hold, type HoldNote, scopeNames } from '../../model/hold.ts';
import type { Rows } from '../../ports/database.ts';
import { openHoldNote, openHoldScope } from '../core/holds/sealed-hold.ts';
import { readNames } from '../core/personal/names.ts';

/** A hold as people see it. The values that its rule finds recordings by are blind indexes: only their names show. */
export type HoldView = {
  readonly hold: Hold;
  readonly note: HoldNote | null;
  /** What a rule names in clear, and the names of all that it looks at; null for a list. */
  readonly rule: (Omit<HoldScope, 'indexes'> & { readonly by: readonly string[] }) | null;
  /** Recordings that it was ever about, those that it holds now, and of these those whose entry is not written yet. */
  readonly recordings: number;
  readonly held: number;
  readonly uncovered: number;
  readonly placedByName: string | null;
  readonly liftedByName: string | null;
};

/** The views of holds of one tenant, in their order. Throws `integrity` for a text that is not authentic. */
export async function holdViews(
  rows: Pick<Rows, 'legalHolds' | 'principals'>,
  metadataKey: SecretKey,
  holds: readonly Hold[],
): Promise<HoldView[]> {
  const [first] = holds;
  if (first === undefined) return [];
  const { tenant } = first;
  const ids = holds.map(({ id }) => id);
  const counts = new Map((await rows.legalHolds.counts(tenant, ids)).map((one) => [one.hold, one]));
  const people = holds.flatMap(({ placedBy, liftedBy }) => [placedBy, ...(liftedBy === null ? [] : [liftedBy])]);
  const names = await readNames(rows, metadataKey, tenant, people);
  return holds.map((hold) => {
    const scope = openHoldScope(metadataKey, hold);
    const count = counts.get(hold.id);
    // The counts of a lifted hold follow.
    const held = hold.state === 'LIFTED' ? 0 : (count?.held ?? 0);
    return {
      hold,
      note: openHoldNote(metadataKey, hold),
      rule: scope === null ? null : ruleShown(scope),
      recordings: count?.recordings ?? 0,
      held,
      uncovered: hold.state === 'LIFTED' ? 0 : (count?.uncovered ?? 0),
      placedByName: names.get(hold.placedBy) ?? null,
      liftedByName: hold.liftedBy === null ? null : (names.get(hold.liftedBy) ?? null),
    };
  });
}

function ruleShown(scope: HoldScope): HoldView['rule'] {
  const { indexes: _, ...clear } = scope;
  return { ...clear, by: scopeNames(scope) };
}
