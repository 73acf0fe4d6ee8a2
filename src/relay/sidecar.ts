// Facts of a call from its sidecar, the body of POST /v1/recordings, or from its file's name. The vault's own rules check
// them before the call is sealed: no person can correct them afterwards.
import { canonicalBytes, type Json } from '../bytes/canonical-json.ts';
import { MAX_GIVEN_FACTS } from '../envelope/facts.ts';
import { hasCode, VaultError } from '../errors.ts';
import { basisProblems, basisTexts } from '../model/basis-forms.ts';
import { factsOf, readMetadata } from '../model/facts.ts';
import { firstName } from './names.ts';

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

const TIME_PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second'];

/** Facts in a sidecar; null where it is not valid. `source` is that of a sidecar without one. `now`: milliseconds. */
export function factsFromSidecar(bytes: Uint8Array, source: string, now: number): object | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  return validFacts({ source, ...(parsed as Record<string, Json>) }, now);
}

/** Facts from a file's name by the first pattern that matches; null where none does, or its facts are not valid. */
export function factsFromName(
  name: string,
  patterns: readonly NamePattern[],
  source: string,
  now: number,
): object | null {
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
  return null;
}

function validFacts(given: Readonly<Record<string, Json>>, now: number): object | null {
  const { basis, fields, pauses, ...plain } = given;
  const texts = Object.entries(plain);
  if (texts.some(([, value]) => typeof value !== 'string')) return null;
  if (fields !== undefined && (typeof fields !== 'object' || fields === null || Array.isArray(fields))) return null;
  if (basis !== undefined && basisProblems(basis).length > 0) return null;
  // In an amendment, null removes a member; a new call has none to remove.
  if (basis !== undefined && Object.values(basis as object).includes(null)) return null;
  try {
    const flat = {
      ...(Object.fromEntries(texts) as Record<string, string>),
      ...(basis === undefined ? {} : basisTexts(basis as { readonly kind: string })),
    };
    // A text that only the flat form of headers has, such as `basis_at`, is no member of the JSON form.
    if (texts.some(([name]) => name.startsWith('basis_') || name === 'retain_until'))
      throw new VaultError('metadata_invalid', 'unknown member');
    const structured = { fields: fields as Record<string, Json> | undefined, pauses };
    const metadata = readMetadata(flat, (field) => field, now, structured);
    const stored = canonicalBytes(factsOf(metadata, metadata.basis ?? LONGEST_DEFAULT));
    return stored.length > MAX_GIVEN_FACTS ? null : given;
  } catch (error) {
    if (hasCode(error, 'metadata_invalid', 'malformed')) return null;
    throw error;
  }
}
