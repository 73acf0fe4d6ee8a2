// Tenants and their columns.
import type { KeyReference, Tenant, WrappedMetadataKey } from '../../model/tenant.ts';
import { flagColumn, isSet, listColumn, listIn, type Mapping, memberColumn } from './mapping.ts';

export type TenantColumns = Omit<
  Tenant,
  'decideByKey' | 'searchable' | 'sources' | 'volume' | 'key' | 'metadataKey'
> & {
  readonly decideByKey: number;
  readonly searchable: string;
  readonly sources: string;
  readonly volume: number;
  readonly keyScheme: KeyReference['scheme'] | null;
  readonly keyId: string | null;
  readonly metadataScheme: KeyReference['scheme'] | null;
  readonly metadataWrapped: Uint8Array | null;
  readonly metadataWrap: number | null;
  readonly metadataKeyId: string | null;
};

export const tenants: Mapping<Tenant, TenantColumns> = {
  toNoun: (columns) => ({
    tenant: columns.tenant,
    name: columns.name,
    state: columns.state,
    version: columns.version,
    created: columns.created,
    country: columns.country,
    timeZone: columns.timeZone,
    defaultBasis: columns.defaultBasis,
    defaultNotice: columns.defaultNotice,
    decideByKey: isSet(columns.decideByKey),
    searchable: listIn(columns.searchable),
    sources: JSON.parse(columns.sources) as Tenant['sources'],
    region: columns.region,
    bucket: columns.bucket,
    prefix: columns.prefix,
    key: keyIn(columns),
    wrap: columns.wrap,
    minimumWrap: columns.minimumWrap,
    volume: isSet(columns.volume),
    metadataKey: metadataKeyIn(columns),
    blobWrap: columns.blobWrap,
    retention: columns.retention,
  }),
  toColumns: (tenant) => ({
    tenant: tenant.tenant,
    name: tenant.name,
    state: tenant.state,
    version: tenant.version,
    created: tenant.created,
    country: tenant.country,
    timeZone: tenant.timeZone,
    defaultBasis: tenant.defaultBasis,
    defaultNotice: tenant.defaultNotice,
    decideByKey: flagColumn(tenant.decideByKey),
    searchable: listColumn(tenant.searchable),
    sources: tenant.sources === undefined ? tenant.sources : JSON.stringify(tenant.sources),
    region: tenant.region,
    bucket: tenant.bucket,
    prefix: tenant.prefix,
    keyScheme: memberColumn(tenant.key, 'scheme'),
    keyId: memberColumn(tenant.key, 'id'),
    wrap: tenant.wrap,
    minimumWrap: tenant.minimumWrap,
    volume: flagColumn(tenant.volume),
    metadataScheme: memberColumn(tenant.metadataKey, 'scheme'),
    metadataWrapped: memberColumn(tenant.metadataKey, 'wrapped'),
    metadataWrap: memberColumn(tenant.metadataKey, 'wrap'),
    metadataKeyId: memberColumn(tenant.metadataKey, 'id'),
    blobWrap: tenant.blobWrap,
    retention: tenant.retention,
  }),
};

function keyIn({ keyScheme: scheme, keyId: id }: TenantColumns): KeyReference | null {
  return scheme === null || id === null ? null : { scheme, id };
}

function metadataKeyIn(columns: TenantColumns): WrappedMetadataKey | null {
  const { metadataScheme: scheme, metadataKeyId: id, metadataWrap: wrap, metadataWrapped: wrapped } = columns;
  if (scheme === null || id === null || wrap === null || wrapped === null) return null;
  return { scheme, id, wrap, wrapped };
}
