// Facts of a call from its sidecar, the body of POST /v1/recordings, or from its file's name. The vault's own rules check
// them before the call is sealed: no person can correct them afterwards.
import { canonicalBytes, type Json } from '../bytes/canonical-json.ts';
import { isObject } from '../bytes/json-object.ts';
import { MAX_GIVEN_FACTS } from '../envelope/facts.ts';
import { type FieldError, hasCode, VaultError } from '../errors.ts';
import { basisProblems, basisTexts } from '../model/basis-forms.ts';
import { factsOf, type Metadata, readMetadata } from '../model/facts.ts';
import { firstName } from './names.ts';

type JsonObject = Readonly<Record<string, Json>>;

/** How a file's name gives facts: groups of the pattern are named as facts, or `year month day hour minute second`. */
export type NamePattern = {
  readonly match: RegExp;
  /** Offset of the times in names, such as `+08:00`, or `Z`. */
  readonly offset: string;
  /** Facts of every call of this pattern. */
  readonly facts: Readonly<Record<string, Json>>;
};

/** The bytes of a sidecar that are read at most. Facts have at most 32,768 (docs/limits.md). */
export const SIDECAR_BYTES = 65_536;

/** The vault stores its tenant's default basis with a call that names none. */
const LONGEST_DEFAULT = { kind: 'legitimate-interest', defaulted: true } as const;

/** Groups of a pattern that give the start of a call. */
export const TIME_PARTS: readonly string[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];

/** Facts in a sidecar. `source` is that of a sidecar without one; `now`: milliseconds. Throws `metadata_invalid`. */
export function factsFromSidecar(bytes: Uint8Array, source: string, now: number): JsonObject {
  const parsed = parsedSidecar(bytes);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new VaultError('metadata_invalid', 'the sidecar is not a JSON object');
  return validFacts({ source, ...(parsed as Record<string, Json>) }, now);
}

function parsedSidecar(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new VaultError('metadata_invalid', 'the sidecar is not JSON in UTF-8');
  }
}

/** Facts from a file's name by the first pattern that matches. Throws `metadata_invalid`. */
export function factsFromName(name: string, patterns: readonly NamePattern[], source: string, now: number): JsonObject {
  for (const { match, offset, facts } of patterns) {
    const groups = match.exec(firstName(name))?.groups;
    if (groups === undefined) continue;
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
  const { basis, fields, pauses, ...plain } = given;
  const texts = Object.entries(plain);
  const problems: readonly FieldError[] = [
    ...texts.flatMap(([name, value]) => (typeof value === 'string' ? [] : [problem(name, 'must be a text')])),
    ...(fields === undefined || isObject(fields) ? [] : [problem('fields', 'must be an object')]),
    ...(basis === undefined ? [] : basisProblems(basis)),
    // In an amendment, null removes a member; a new call has none to remove.
    ...Object.entries(isObject(basis) ? basis : {}).flatMap(([name, value]) =>
      value === null ? [problem(`basis/${name}`, 'must not be null')] : [],
    ),
    // A text that only the flat form of headers has, such as `basis_at`, is no member of the JSON form.
    ...texts.flatMap(([name]) =>
      name.startsWith('basis_') || name === 'retain_until' ? [problem(name, 'is unknown')] : [],
    ),
  ];
  if (problems.length > 0) throw new VaultError('metadata_invalid', 'the facts are not valid', { fields: problems });
  const flat = {
    ...(Object.fromEntries(texts) as Record<string, string>),
    ...(basis === undefined ? {} : basisTexts(basis as { readonly kind: string })),
  };
  const structured = { fields: fields as Record<string, Json> | undefined, pauses };
  const metadata = readMetadata(flat, (field) => `/${field}`, now, structured);
  if (storedBytes(metadata) > MAX_GIVEN_FACTS)
    throw new VaultError('metadata_invalid', `the facts have more than ${MAX_GIVEN_FACTS} bytes`);
  return given;
}

function storedBytes(metadata: Metadata): number {
  try {
    return canonicalBytes(factsOf(metadata, metadata.basis ?? LONGEST_DEFAULT)).length;
  } catch (error) {
    if (!hasCode(error, 'malformed')) throw error;
    throw new VaultError('metadata_invalid', 'a text has half of a surrogate pair');
  }
}

function problem(member: string, detail: string): FieldError {
  return { pointer: `/${member.slice(0, 64)}`, detail };
}

/** What is wrong with facts, for a person: members and rules, no values. */
export function whyInvalid({ message, fields }: VaultError): string {
  return fields.length === 0
    ? message
    : fields.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join('; ');
}
