// Facts of a call as a file gives them, in the form of the body of POST /v1/recordings, by the vault's rules: a relay and
// an import check them before the vault does.
import { canonicalBytes, type Json } from '../bytes/canonical-json.ts';
import { isObject } from '../bytes/json-object.ts';
import { type FieldError, hasCode, VaultError } from '../errors.ts';
import { basisProblems, basisTexts } from './basis-forms.ts';
import { factsOf, type Metadata, readMetadata } from './facts.ts';

/** The vault stores its tenant's default basis with a call that names none. */
const LONGEST_DEFAULT = { kind: 'legitimate-interest', defaulted: true } as const;

/**
 * Checks facts as JSON gave them, with their source. `now`: milliseconds; `maxBytes`: of their stored form.
 * Throws `metadata_invalid` with JSON pointers to members, and no values.
 */
export function checkGivenFacts(given: Readonly<Record<string, unknown>>, now: number, maxBytes: number): void {
  const { basis, fields, pauses, ...plain } = given as Readonly<Record<string, Json>>;
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
  if (storedBytes(metadata) > maxBytes)
    throw new VaultError('metadata_invalid', `the facts have more than ${maxBytes} bytes`);
}

/** What is wrong with facts, for a person: members and rules, no values. */
export function whyInvalid({ message, fields }: VaultError): string {
  return fields.length === 0
    ? message
    : fields.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join('; ');
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
