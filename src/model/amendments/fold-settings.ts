// A tenant's settings, as its stream leaves them.
import type { AmendmentEntry, JsonObject } from './amendment.ts';
import { mergeObject } from './merge-patch.ts';

/** The settings: each `set` in order. Members of later versions stay. */
export function foldSettings(entries: readonly AmendmentEntry[]): JsonObject {
  let settings: JsonObject = {};
  for (const { body } of entries) if (body.op === 'settings') settings = mergeObject(settings, body.set);
  return settings;
}
