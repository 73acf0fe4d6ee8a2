// Personal values that recordings are found by, as blind indexes.
import { phoneLast4, phoneValue } from '../../../envelope/blind-index.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { IndexValue } from '../../../ports/rows/recording-rows.ts';
import type { Vault } from '../vault.ts';
import { phoneIndex, textIndex } from './indexes.ts';

/** Search terms; all given terms must match. `number` matches whole numbers, `numberEnd` the last four digits. */
export type SearchTerms = {
  readonly number?: string;
  readonly numberEnd?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
  readonly call_id?: string;
  readonly interaction?: string;
  /** Values of fields that the tenant chose to search by, by name. */
  readonly fields?: Readonly<Record<string, string>>;
};

/**
 * The indexes of terms; `at` is where the request has them. Throws `malformed` for an end of a number that is not four
 * digits, and for fields that the tenant did not choose.
 */
export function indexesOfTerms(
  vault: Pick<Vault, 'phones'>,
  tenant: Pick<Tenant, 'country' | 'searchable'>,
  metadataKey: SecretKey,
  terms: SearchTerms,
  at = '',
): IndexValue[] {
  const indexes: IndexValue[] = [];
  if (terms.number !== undefined) indexes.push(phoneIndex(metadataKey, vault.phones, terms.number, tenant.country));
  if (terms.numberEnd !== undefined) {
    const last4 = phoneLast4(`0${phoneValue(terms.numberEnd, null)}`);
    if (last4 === null || last4.length !== 4) throw new VaultError('malformed', 'number_end must be four digits');
    indexes.push(textIndex(metadataKey, 'phone-last4', last4));
  }
  for (const label of ['agent', 'queue', 'ticket', 'call_id', 'interaction'] as const) {
    const text = terms[label];
    if (text !== undefined) indexes.push(textIndex(metadataKey, label, text));
  }
  const { fields = {} } = terms;
  requireSearchable(tenant, Object.keys(fields), at);
  for (const [name, text] of Object.entries(fields)) indexes.push(textIndex(metadataKey, `field:${name}`, text));
  return indexes;
}

/** Throws `malformed` for fields that the tenant did not choose. */
function requireSearchable({ searchable }: Pick<Tenant, 'searchable'>, names: readonly string[], at: string): void {
  const unknown = names.filter((name) => !searchable.includes(name));
  if (unknown.length === 0) return;
  const fields = [{ pointer: `${at}/fields`, detail: 'has a field that your organisation does not search by' }];
  throw new VaultError('malformed', 'the request is not valid', { fields });
}
