// The columns of a hold that people wrote, or that find recordings by personal values: sealed with the tenant's key.
import { fromBase64, toBase64 } from '../../../bytes/base64.ts';
import { canonicalBytes, parseCanonicalObject } from '../../../bytes/canonical-json.ts';
import type { IndexLabel } from '../../../envelope/blind-index.ts';
import { openColumn, sealColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { HoldScope, LabelledIndex } from '../../../model/amendments/amendment.ts';
import type { Hold, HoldNote } from '../../../model/hold.ts';
import type { HoldFilter } from '../../../ports/rows/hold-rows.ts';
import type { IndexValue } from '../../../ports/rows/recording-rows.ts';

type Of = Pick<Hold, 'tenant' | 'id'>;

/** The sealed reference and title. */
export function sealHoldNote(metadataKey: SecretKey, of: Of, { reference, title }: HoldNote): Uint8Array {
  return seal(metadataKey, of, 'note', { reference, title });
}

/** The sealed rule. */
export function sealHoldScope(metadataKey: SecretKey, of: Of, scope: HoldScope): Uint8Array {
  return seal(metadataKey, of, 'scope', scope);
}

/** The reference and title; null where the hold has none. Throws `integrity`. */
export function openHoldNote(metadataKey: SecretKey, { note, ...of }: Of & Pick<Hold, 'note'>): HoldNote | null {
  return note === null ? null : (open(metadataKey, of, 'note', note) as HoldNote);
}

/** The rule; null for a list. Throws `integrity`. */
export function openHoldScope(metadataKey: SecretKey, { scope, ...of }: Of & Pick<Hold, 'scope'>): HoldScope | null {
  return scope === null ? null : (open(metadataKey, of, 'scope', scope) as HoldScope);
}

/** Indexes as a rule names them: ascending by label and value, each once. */
export function labelled(indexes: readonly IndexValue[]): readonly LabelledIndex[] {
  const found = new Map(indexes.map(({ label, value }) => [`${label} ${toBase64(value)}`, label] as const));
  return [...found].sort(byText).map(([text, label]) => ({ label, value: text.slice(label.length + 1) }));
}

/** A rule as a filter of rows. The values that fewest recordings have come first: a page enters by the first. */
export function filterOf({ indexes = [], ...scope }: HoldScope): HoldFilter {
  const ranked = [...indexes].sort((one, other) => rankOf(one.label) - rankOf(other.label));
  return { ...scope, indexes: ranked.map(({ label, value }) => ({ label, value: fromBase64(value) })) };
}

const RARE_FIRST: readonly (IndexLabel | 'field')[] = [
  ...(['call_id', 'interaction', 'ticket', 'phone', 'phone-last4', 'field', 'agent', 'queue'] as const),
];

function rankOf(label: string): number {
  return RARE_FIRST.indexOf((label.startsWith('field:') ? 'field' : label) as IndexLabel);
}

function byText([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}

function seal(metadataKey: SecretKey, { tenant, id }: Of, column: string, value: object): Uint8Array {
  return sealColumn(metadataKey, { tenant, row: id, column }, canonicalBytes(value as never));
}

function open(metadataKey: SecretKey, { tenant, id }: Of, column: string, sealed: Uint8Array): unknown {
  return parseCanonicalObject(openColumn(metadataKey, { tenant, row: id, column }, sealed));
}
