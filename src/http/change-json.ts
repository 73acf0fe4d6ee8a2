// JSON views of changes by two people.
import type { Change } from '../model/change/change.ts';
import { settingsDifference } from '../model/change/settings.ts';
import { untilFailure } from '../model/check.ts';
import type { ChangeDetails, ChangeView } from '../vault/changes/read.ts';

/** A change's row. */
export function changeToJson(change: Change) {
  const { id, tenant, kind, state, base, effects, proposer, byCommand, opened, expires, decider, decided } = change;
  return {
    ...{ id, tenant, kind, state: state.toLowerCase(), base, effects, proposer, by_command: byCommand },
    ...{ opened, expires, decider, decided },
  };
}

/** A change with what it does and who decided. */
export function changeViewToJson({ change, body, preview, note, reason, proposer, decider, confirmer }: ChangeView) {
  return {
    ...changeToJson(change),
    ...{ proposer_name: proposer, decider_name: decider, confirmer, note, reason, preview },
    difference: body.kind === 'settings' ? settingsDifference(body.was, body.set) : [],
    people: body.kind === 'people' ? body.add : [],
  };
}

/** One change with the checks of an approval by the caller. */
export function changeDetailsToJson(details: ChangeDetails) {
  return { ...changeViewToJson(details), checks: untilFailure(details.checks) };
}
