// A tenant: a customer organisation with its own key and a location for its objects.
import type { KeyScheme } from '../bytes/key-schemes.ts';
import { VaultError } from '../errors.ts';
import type { BasisKind } from './basis.ts';
import type { BoundSources } from './source.ts';

export type TenantState = 'CREATING' | 'ACTIVE' | 'SUSPENDED';

/** Where a tenant's objects are stored: region, bucket and prefix. All three are empty for a folder store. */
export type StoreLocation = { readonly region: string; readonly bucket: string; readonly prefix: string };

/** The tenant's key encryption key, as the key service names it. */
export type KeyReference = { readonly scheme: KeyScheme; readonly id: string };

/** A metadata key as its tenant's row has it: wrapped, under which key, and of which wrap generation. */
export type WrappedMetadataKey = KeyReference & { readonly wrap: number; readonly wrapped: Uint8Array };

/** A tenant's row. The organisation's name is in clear: operators list tenants without any key. */
export type Tenant = {
  readonly tenant: string;
  readonly name: string;
  readonly state: TenantState;
  readonly version: number;
  readonly created: string;
  /** ISO 3166-1 alpha-2: how telephone numbers without a country code are read. */
  readonly country: string;
  /** IANA name of its people's time zone; null: that of its country. */
  readonly timeZone: string | null;
  readonly defaultBasis: BasisKind;
  /** The notice that every caller hears, with its version, as `ntc_…/2`: the default basis names it. */
  readonly defaultNotice: string | null;
  /** True where an API key with scope `decide` counts as a step-up: read only while the policy does not say it itself. */
  readonly decideByKey: boolean;
  /** Names of fields that recordings can be found by, ascending. */
  readonly searchable: readonly string[];
  /** Sources that two people gave to a service; all others belong to the service of their first deposit. */
  readonly sources: BoundSources;
  readonly region: string;
  readonly bucket: string;
  readonly prefix: string;
  /** Null until it has one. */
  readonly key: KeyReference | null;
  /** The wrap generation that new data keys are made under, and the least one that is still unwrapped. */
  readonly wrap: number;
  readonly minimumWrap: number;
  /** True in volume mode: new data keys are wrapped under a tenant KEK. */
  readonly volume: boolean;
  /** Null until it has one. */
  readonly metadataKey: WrappedMetadataKey | null;
  /** The generation that tenant.json was last written with. */
  readonly blobWrap: number | null;
  /** The version of the retention rules in force; null before the first. */
  readonly retention: string | null;
};

/** The tenant's place. */
export function locationOf(tenant: Tenant): StoreLocation {
  return { region: tenant.region, bucket: tenant.bucket, prefix: tenant.prefix };
}

/** The tenant's key. Throws `not_available` before it has one. */
export function keyOf(tenant: Tenant): KeyReference {
  if (tenant.key === null) throw new VaultError('not_available', 'the tenant has no key yet');
  return tenant.key;
}
