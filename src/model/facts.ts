// Facts of a call: metadata from a platform, validated field by field, and the facts v1 built from it.
import { canonicalLanguage } from '../bytes/language-tag.ts';
import { type FieldError, VaultError } from '../errors.ts';
import { BASIS_KINDS, type Basis, isBasisKind } from './basis.ts';

/** Metadata as received; absent where the platform sent nothing. */
export type Metadata = {
  readonly source: string;
  readonly callId: string;
  readonly leg: string;
  readonly startedAt?: string;
  readonly direction?: 'inbound' | 'outbound' | 'internal';
  readonly from?: string;
  readonly to?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
  readonly fileName?: string;
  readonly language?: string;
  readonly sensitivity?: 'normal' | 'sensitive';
  readonly basis?: Basis;
  readonly notes?: string;
};

/** Facts v1 (docs/format.md): an unknown member is absent, never null. */
export type Facts = {
  readonly v: 1;
  readonly source: string;
  readonly call_id: string;
  readonly leg: string;
  readonly started_at?: string;
  readonly duration_ms?: number;
  readonly direction?: string;
  readonly channels?: readonly { readonly n: number; readonly party: string }[];
  readonly numbers?: { readonly from?: string; readonly to?: string };
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
  readonly file_name?: string;
  readonly language?: string;
  readonly sensitivity?: string;
  readonly retain_until?: string;
  readonly basis: Basis;
  readonly notes?: string;
  readonly sha256?: { readonly [object: string]: string };
};

/** Forms of the metadata fields, by API name. Lengths are in UTF-16 code units. */
type Form = (text: string) => string | null;

function upTo(most: number): Form {
  return (text) => {
    if (text.trim() === '') return 'must not be empty';
    if (text.length > most) return `has more than ${most} characters`;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern rejects control characters
    if (/[\u0000-\u001f\u007f]/.test(text)) return 'has a control character';
    return /\p{Surrogate}/u.test(text) ? 'is not well-formed Unicode' : null;
  };
}

function oneOf(...values: readonly string[]): Form {
  return (text) => (values.includes(text) ? null : `must be one of ${values.join(', ')}`);
}

// A call id is never used as a path; one that looks like a path is a mistake.
const callId: Form = (text) => (/[/\\]/.test(text) ? 'has a slash' : upTo(255)(text));
const token: Form = (text) => (/^[A-Za-z0-9._-]{1,64}$/.test(text) ? null : 'must be 1 to 64 of A-Z a-z 0-9 . _ -');
const time: Form = (text) => (isTime(text) ? null : 'must be an RFC 3339 time with an offset');
const language: Form = (text) => (canonicalLanguage(text) === null ? 'must be a language tag' : null);

const FORMS: Readonly<Record<string, Form>> = {
  source: token,
  call_id: callId,
  leg: token,
  started_at: time,
  direction: oneOf('inbound', 'outbound', 'internal'),
  from: upTo(128),
  to: upTo(128),
  agent: upTo(128),
  queue: upTo(128),
  ticket: upTo(128),
  file_name: upTo(255),
  language,
  sensitivity: oneOf('normal', 'sensitive'),
  basis: (text) => (isBasisKind(text) ? null : `must be one of ${BASIS_KINDS.join(', ')}`),
  basis_at: time,
  basis_language: language,
  basis_evidence: upTo(500),
  notes: upTo(4000),
};

/** How far in the future a call may start: clocks go wrong by their zone, not by more. */
const AHEAD_MS = 86_400_000;

/**
 * Parses metadata from texts by field name (`call_id`, `from`, `basis`, `basis_evidence`, …), at `now`.
 * Throws `metadata_invalid` with every invalid field, named by `pointer(field)`; never with a value.
 */
export function readMetadata(
  given: Readonly<Record<string, string | undefined>>,
  pointer: (field: string) => string,
  now: number,
): Metadata {
  const fields: FieldError[] = [];
  const values: Record<string, string> = { leg: '0' };
  for (const [name, text] of Object.entries(given)) {
    if (text === undefined) continue;
    const problem = FORMS[name] === undefined ? 'is unknown' : FORMS[name](text);
    if (problem === null) values[name] = text;
    else fields.push({ pointer: pointer(name), detail: problem });
  }
  if (Date.parse(values['started_at'] ?? '') > now + AHEAD_MS) {
    fields.push({ pointer: pointer('started_at'), detail: "is more than a day ahead of the vault's clock" });
  }
  for (const name of ['source', 'call_id']) {
    if (given[name] === undefined) fields.push({ pointer: pointer(name), detail: 'is required' });
  }
  if (fields.length > 0) throw new VaultError('metadata_invalid', 'the metadata is not valid', { fields });
  return metadataFrom(values);
}

function metadataFrom(values: Readonly<Record<string, string>>): Metadata {
  const utc = (text: string | undefined): string | undefined =>
    text === undefined ? text : new Date(text).toISOString();
  const tag = (text: string | undefined): string | undefined =>
    text === undefined ? text : (canonicalLanguage(text) ?? text);
  const kind = values['basis'];
  const basis =
    kind === undefined
      ? undefined
      : withoutUndefined({
          kind,
          at: utc(values['basis_at']),
          language: tag(values['basis_language']),
          evidence: values['basis_evidence'],
        });
  return withoutUndefined({
    source: values['source'],
    callId: values['call_id'],
    leg: values['leg'],
    startedAt: utc(values['started_at']),
    direction: values['direction'],
    from: values['from'],
    to: values['to'],
    agent: values['agent'],
    queue: values['queue'],
    ticket: values['ticket'],
    fileName: values['file_name'],
    language: tag(values['language']),
    sensitivity: values['sensitivity'],
    basis,
    notes: values['notes'],
  }) as Metadata;
}

/** Builds the facts, with the tenant's default basis where the metadata has none. */
export function factsOf(metadata: Metadata, basis: Basis): Facts {
  const numbers = withoutUndefined({ from: metadata.from, to: metadata.to });
  return withoutUndefined({
    v: 1,
    source: metadata.source,
    call_id: metadata.callId,
    leg: metadata.leg,
    started_at: metadata.startedAt,
    direction: metadata.direction,
    numbers: Object.keys(numbers).length === 0 ? undefined : numbers,
    agent: metadata.agent,
    queue: metadata.queue,
    ticket: metadata.ticket,
    file_name: metadata.fileName,
    language: metadata.language,
    sensitivity: metadata.sensitivity,
    basis,
    notes: metadata.notes,
  }) as Facts;
}

/** Default layout: contact centres record the agent left and the caller right, or both on one channel. */
export function channelParties(channels: number | undefined): Facts['channels'] {
  if (channels === undefined) return undefined;
  if (channels === 2)
    return [
      { n: 0, party: 'agent' },
      { n: 1, party: 'caller' },
    ];
  return Array.from({ length: channels }, (_, n) => ({ n, party: 'mixed' }));
}

/** The object without its undefined members. */
export function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function isTime(text: string): boolean {
  const form = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
  if (!form.test(text) || Number.isNaN(Date.parse(text))) return false;
  // Date accepts the 30th of February as a day in March: check the day of the month, and the hour.
  const [year, month, day, hour] = [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10), text.slice(11, 13)].map(
    Number,
  );
  const days = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  // The offset can move a time out of the years that RFC 3339 allows.
  return (day ?? 0) <= days && (hour ?? 24) < 24 && /^(?!0000)\d{4}-/.test(new Date(text).toISOString());
}
