// Facts of a call: metadata from a platform, validated field by field, and the facts v1 built from it.
import type { Json } from '../bytes/canonical-json.ts';
import { type FieldError, VaultError } from '../errors.ts';
import type { JsonObject } from './amendments/amendment.ts';
import type { Basis } from './basis.ts';
import { basisFrom, basisNeedsKind } from './basis-forms.ts';
import {
  fieldNameProblem,
  fieldProblem,
  MAX_FIELDS,
  normalFact,
  type Pause,
  pauseProblems,
  TEXT_FORMS,
} from './fact-forms.ts';

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
  readonly interaction?: string;
  readonly wrapUp?: string;
  readonly pauses?: readonly Pause[];
  readonly fields?: Readonly<Record<string, string>>;
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
  /** The contact that this leg is part of: all its legs have the same. */
  readonly interaction?: string;
  readonly wrap_up?: string;
  readonly pauses?: readonly Pause[];
  readonly fields?: { readonly [name: string]: string };
  readonly events?: { readonly [name: string]: string };
  readonly restricted?: Restriction;
  /** When the subject asked for it to be erased, and by which request: it is due once nothing keeps it. */
  readonly asked?: { readonly at: string; readonly request: string };
};

/** Why a recording is restricted: the subject contests it, or keeps it for claims (GDPR Art. 18). */
export const RESTRICTION_GROUNDS = ['accuracy', 'unlawful', 'claims', 'objection'] as const;
export type RestrictionGround = (typeof RESTRICTION_GROUNDS)[number];

/** A restriction; `request` is the subject's request that asked for it. */
export type Restriction = { readonly at: string; readonly ground: RestrictionGround; readonly request?: string };

/** How far in the future a call may start: clocks go wrong by their zone, not by more. */
export const AHEAD_MS = 86_400_000;

/** Metadata that is no text: fields by name, and pauses. */
export type StructuredMetadata = { readonly fields?: JsonObject | undefined; readonly pauses?: Json | undefined };

/**
 * Parses metadata from texts by field name (`call_id`, `from`, `basis`, `basis_evidence`, …), at `now`.
 * Throws `metadata_invalid` with every invalid field, named by `pointer(field)`; never with a value.
 */
export function readMetadata(
  given: Readonly<Record<string, string | undefined>>,
  pointer: (field: string) => string,
  now: number,
  structured: StructuredMetadata = {},
): Metadata {
  const fields: FieldError[] = [...structuredProblems(structured, pointer)];
  const values: Record<string, string> = { leg: '0' };
  for (const [name, text] of Object.entries(given)) {
    if (text === undefined) continue;
    const form = Object.hasOwn(TEXT_FORMS, name) ? TEXT_FORMS[name] : undefined;
    const problem = form === undefined ? 'is unknown' : form(text);
    if (problem === null) values[name] = normalFact(name, text);
    else fields.push({ pointer: pointer(name), detail: problem });
  }
  if (Date.parse(values['started_at'] ?? '') > now + AHEAD_MS) {
    fields.push({ pointer: pointer('started_at'), detail: "is more than a day ahead of the vault's clock" });
  }
  for (const name of basisNeedsKind(given)) fields.push({ pointer: pointer(name), detail: 'needs a kind of basis' });
  for (const name of ['source', 'call_id']) {
    if (given[name] === undefined) fields.push({ pointer: pointer(name), detail: 'is required' });
  }
  if (fields.length > 0) throw new VaultError('metadata_invalid', 'the metadata is not valid', { fields });
  const { fields: named, pauses } = structured;
  return { ...metadataFrom(values), ...(withoutUndefined({ fields: named, pauses }) as Partial<Metadata>) };
}

function structuredProblems(
  { fields, pauses }: StructuredMetadata,
  pointer: (field: string) => string,
): readonly FieldError[] {
  const named = Object.entries(fields ?? {});
  const at = pointer('fields');
  return [
    ...(named.length > MAX_FIELDS ? [{ pointer: at, detail: `has more than ${MAX_FIELDS} members` }] : []),
    ...named.flatMap(([name, value]) => {
      const wrongName = fieldNameProblem(name);
      if (wrongName !== null) return [{ pointer: at, detail: wrongName }];
      const detail = fieldProblem(value);
      return detail === null ? [] : [{ pointer: pointer(`fields/${name}`), detail }];
    }),
    ...(pauses === undefined ? [] : pauseProblems(pauses, pointer('pauses'))),
  ];
}

function metadataFrom(values: Readonly<Record<string, string>>): Metadata {
  return withoutUndefined({
    source: values['source'],
    callId: values['call_id'],
    leg: values['leg'],
    startedAt: values['started_at'],
    direction: values['direction'],
    from: values['from'],
    to: values['to'],
    agent: values['agent'],
    queue: values['queue'],
    ticket: values['ticket'],
    fileName: values['file_name'],
    language: values['language'],
    sensitivity: values['sensitivity'],
    basis: basisFrom(values),
    notes: values['notes'],
    interaction: values['interaction'],
    wrapUp: values['wrap_up'],
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
    interaction: metadata.interaction,
    wrap_up: metadata.wrapUp,
    pauses: metadata.pauses,
    fields: metadata.fields,
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

/** The object without its undefined members. Names are those of the code, never of a caller. */
export function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Runs for each line of a list: lists of entries would cost four times as much.
  const found: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const name of Object.keys(value) as (keyof T)[]) {
    const member = value[name];
    if (member !== undefined) found[name] = member as Exclude<T[keyof T], undefined>;
  }
  return found;
}
