// Blind indexes of a recording: the values that a search can find it by.
import { blindIndex, normalText, phoneLast4, phoneValue } from '../../../envelope/blind-index.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Metadata } from '../../../model/facts.ts';
import type { PhoneNumbers } from '../../../ports/phone-numbers.ts';
import type { IndexValue } from '../../../ports/rows/recording-rows.ts';

/** The index of a telephone number as people write it in this country. */
export function phoneIndex(key: SecretKey, phones: PhoneNumbers, text: string, country: string): IndexValue {
  return indexOfPhone(key, phoneValue(text, phones.e164(text, country)));
}

function indexOfPhone(key: SecretKey, value: string): IndexValue {
  return { label: 'phone', value: blindIndex(key, 'phone', value) };
}

/** The index of a text under its label. */
export function textIndex(
  key: SecretKey,
  label: 'agent' | 'queue' | 'ticket' | 'phone-last4',
  text: string,
): IndexValue {
  return { label, value: blindIndex(key, label, normalText(text)) };
}

/** All indexes of a call's metadata. */
export function indexesOf(key: SecretKey, phones: PhoneNumbers, metadata: Metadata, country: string): IndexValue[] {
  const values: IndexValue[] = [];
  for (const number of [metadata.from, metadata.to]) {
    if (number === undefined) continue;
    const value = phoneValue(number, phones.e164(number, country));
    values.push(indexOfPhone(key, value));
    const last4 = phoneLast4(value);
    if (last4 !== null) values.push(textIndex(key, 'phone-last4', last4));
  }
  for (const label of ['agent', 'queue', 'ticket'] as const) {
    const text = metadata[label];
    if (text !== undefined) values.push(textIndex(key, label, text));
  }
  return values;
}
