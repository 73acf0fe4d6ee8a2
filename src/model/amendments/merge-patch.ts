// JSON Merge Patch (RFC 7396), and the patch that replaces a value whole.
import type { Json } from '../../bytes/canonical-json.ts';
import { isObject } from '../../bytes/json-object.ts';
import type { JsonObject } from './amendment.ts';

/** The target after a patch, as RFC 7396, section 2: null removes a member, and an object that becomes empty stays. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  return isObject(patch) ? mergeObject(isObject(target) ? target : {}, patch) : patch;
}

/** The same for a patch that is an object: the result is one too. */
export function mergeObject(target: JsonObject, patch: JsonObject): JsonObject {
  // A Map, and not members of an object: a member may be called `__proto__`.
  const members = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, mergePatch(members.get(name), value));
  }
  return Object.fromEntries(members);
}

/** The patch that makes `wanted`, which has no null, of the target: each member that goes is named. */
export function replacingPatch(target: Json | undefined, wanted: Json): Json {
  if (!isObject(target) || !isObject(wanted)) return wanted;
  const gone = Object.keys(target).filter((name) => !Object.hasOwn(wanted, name));
  const kept = Object.entries(wanted).map(([name, value]) => [name, replacingPatch(memberOf(target, name), value)]);
  return Object.fromEntries([...gone.map((name) => [name, null]), ...kept]) as JsonObject;
}

/** A member of an object, and not one that every object inherits. */
export function memberOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
