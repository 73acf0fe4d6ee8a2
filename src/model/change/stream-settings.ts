// A tenant's settings, as its stream leaves them.
import type { Json } from '../../bytes/canonical-json.ts';
import type { AmendmentEntry } from '../amendments/amendment.ts';
import { isSetting, SETTING_NAMES, type SettingsPatch } from './settings.ts';

/** The settings that entries set last, without what a later version wrote. A null sets one back to the country's. */
export function foldSettings(entries: readonly Pick<AmendmentEntry, 'body'>[]): SettingsPatch {
  const set: Record<string, Json> = {};
  for (const { body } of entries) if (body.op === 'settings') Object.assign(set, body.set);
  return Object.fromEntries(
    SETTING_NAMES.filter((name) => Object.hasOwn(set, name) && isSetting(name, set[name])).map((name) => [
      name,
      set[name],
    ]),
  );
}
