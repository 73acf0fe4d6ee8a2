// Blind indexes: the database finds equal values without storing them.
import { createHmac } from 'node:crypto';
import { info } from '../bytes/derivation.ts';
import { normalText } from '../bytes/normal-text.ts';
import type { SecretKey } from './secret-key.ts';
import { withDerived } from './secret-key.ts';

/** Labels: the values that can be searched by equality. */
export type IndexLabel =
  | ('phone' | 'phone-last4' | 'agent' | 'queue' | 'ticket' | 'natural' | 'idempotency')
  | ('call_id' | 'interaction' | 'profile' | `field:${string}`);

/** The indexed form of a telephone number: E.164 where the tenant's country gives one, else its digits, else the text. */
export function phoneValue(text: string, e164: string | null): string {
  const digits = text.normalize('NFKC').replace(/\D/g, '');
  return e164 ?? (digits === '' ? normalText(text) : digits);
}

/** The last four digits of a `phoneValue` result; null for fewer than five digits. */
export function phoneLast4(value: string): string | null {
  const digits = value.replace(/\D/g, '');
  return digits.length < 5 ? null : digits.slice(-4);
}

/** The exact bytes of a recording's natural key. */
export function naturalKey(source: string, callId: string, leg: string): Buffer {
  return info(source, callId, leg);
}

/** The 16-byte blind index of a value: the first half of HMAC-SHA-256 under the label's index key. */
export function blindIndex(metadataKey: SecretKey, label: IndexLabel, value: Uint8Array | string): Buffer {
  return withDerived(metadataKey, ['callvault/index@v1', label], 32, (key) =>
    createHmac('sha256', key).update(value).digest().subarray(0, 16),
  );
}
