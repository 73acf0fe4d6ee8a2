// Facts of a call from its sidecar, the body of POST /v1/recordings, or from its file's name. The vault's own rules check
// them before the call is sealed: no person can correct them afterwards.
import type { Json } from '../bytes/canonical-json.ts';
import { isObject } from '../bytes/json-object.ts';
import { MAX_GIVEN_FACTS } from '../envelope/facts.ts';
import { VaultError } from '../errors.ts';
import { checkGivenFacts } from '../model/given-facts.ts';
import type { NamePattern } from '../model/name-pattern.ts';
import { firstName } from './names.ts';

type JsonObject = Readonly<Record<string, Json>>;

/** How a file's name gives facts: groups of the pattern are named as facts, or `year month day hour minute second`. */
export type NamedFacts = {
  readonly match: NamePattern;
  /** Offset of the times in names, such as `+08:00`, or `Z`. */
  readonly offset: string;
  /** Facts of every call of this pattern. */
  readonly facts: Readonly<Record<string, Json>>;
};

/** The bytes of a sidecar that are read at most. Facts have at most 32,768 (docs/limits.md). */
export const SIDECAR_BYTES = 65_536;

/** Groups of a pattern that give the start of a call. */
export const TIME_PARTS: readonly string[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];

/** Facts in a sidecar. `source` is that of a sidecar without one; `now`: milliseconds. Throws `metadata_invalid`. */
export function factsFromSidecar(bytes: Uint8Array, source: string, now: number): JsonObject {
  const parsed = parsedSidecar(bytes);
  if (!isObject(parsed)) throw new VaultError('metadata_invalid', 'the sidecar is not a JSON object');
  return validFacts({ source, ...(parsed as JsonObject) }, now);
}

function parsedSidecar(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new VaultError('metadata_invalid', 'the sidecar is not JSON in UTF-8');
  }
}

/** Facts from a file's name by the first pattern that matches. Throws `metadata_invalid`. */
export function factsFromName(name: string, patterns: readonly NamedFacts[], source: string, now: number): JsonObject {
  for (const { match, offset, facts } of patterns) {
    const groups = match(firstName(name));
    if (groups === null) continue;
    const named = Object.fromEntries(
      Object.entries(groups).filter(([group, text]) => text !== undefined && !TIME_PARTS.includes(group)),
    );
    const [year, month, day, hour, minute, second] = TIME_PARTS.map((part) => groups[part]);
    const started =
      day === undefined ? {} : { started_at: `${year}-${month}-${day}T${hour}:${minute}:${second ?? '00'}${offset}` };
    return validFacts({ source, ...facts, ...started, ...named }, now);
  }
  throw new VaultError('metadata_invalid', 'it has no sidecar, and no pattern of file_names matches its name');
}

function validFacts(given: JsonObject, now: number): JsonObject {
  checkGivenFacts(given, now, MAX_GIVEN_FACTS);
  return given;
}
