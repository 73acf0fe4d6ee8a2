// Blind indexes of a recording: the values that a search can find it by.
import type { Json } from '../../../bytes/canonical-json.ts';
import { normalText } from '../../../bytes/normal-text.ts';
import { blindIndex, type IndexLabel, phoneLast4, phoneValue } from '../../../envelope/blind-index.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { PhoneNumbers } from '../../../ports/phone-numbers.ts';
import type { IndexValue } from '../../../ports/rows/recording-rows.ts';
import { membersOf, type RawFacts } from './raw-facts.ts';

/** The index of a telephone number as people write it in this country. */
export function phoneIndex(key: SecretKey, phones: PhoneNumbers, text: string, country: string): IndexValue {
  return indexOfPhone(key, phoneValue(text, phones.e164(text, country)));
}

function indexOfPhone(key: SecretKey, value: string): IndexValue {
  return { label: 'phone', value: blindIndex(key, 'phone', value) };
}

/** The index of a text under its label. */
export function textIndex(key: SecretKey, label: IndexLabel, text: string): IndexValue {
  return { label, value: blindIndex(key, label, normalText(text)) };
}

/** Facts that are found by equality. */
const TEXTS = ['agent', 'queue', 'ticket', 'call_id', 'interaction'] as const;

/** Indexes of texts under one key: many calls have the same agents and queues. */
export type KnownTexts = Map<string, IndexValue>;

/**
 * All indexes of a call's facts. `searchable` names the fields that the tenant chose. `known`: texts of other calls, and
 * those of this one afterwards.
 */
export function indexesOf(
  key: SecretKey,
  phones: PhoneNumbers,
  facts: RawFacts,
  { country, searchable = [] }: { readonly country: string; readonly searchable?: readonly string[] },
  known?: KnownTexts,
): IndexValue[] {
  const numbers = membersOf(facts['numbers']);
  const fields = membersOf(facts['fields']);
  return [
    ...[numbers['from'], numbers['to']].flatMap((number) => phoneIndexes(key, phones, number, country)),
    ...TEXTS.flatMap((name) => indexOfText(key, name, facts[name], known)),
    ...searchable.flatMap((name) => indexOfText(key, `field:${name}`, fields[name], known)),
  ];
}

/** A call without a queue: its value in the column `queue`. */
export const NO_QUEUE: Uint8Array = new Uint8Array(0);

/** The column `queue` of a recording with these indexes. */
export function queueIn(indexes: readonly IndexValue[]): Uint8Array {
  return indexes.find(({ label }) => label === 'queue')?.value ?? NO_QUEUE;
}

function phoneIndexes(key: SecretKey, phones: PhoneNumbers, number: Json | undefined, country: string): IndexValue[] {
  if (typeof number !== 'string') return [];
  const value = phoneValue(number, phones.e164(number, country));
  const last4 = phoneLast4(value);
  return [indexOfPhone(key, value), ...(last4 === null ? [] : [textIndex(key, 'phone-last4', last4)])];
}

function indexOfText(
  key: SecretKey,
  label: IndexLabel,
  text: Json | undefined,
  known: KnownTexts | undefined,
): IndexValue[] {
  if (typeof text !== 'string') return [];
  const name = `${label}\n${text}`;
  const index = known?.get(name) ?? textIndex(key, label, text);
  known?.set(name, index);
  return [index];
}
