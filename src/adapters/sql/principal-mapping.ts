// Principals and API keys, and their columns.
import type { ApiKey, Principal } from '../../model/principal.ts';
import { flagColumn, isSet, listColumn, listIn, type Mapping } from './mapping.ts';

export type PrincipalColumns = Omit<Principal, 'roles' | 'owners' | 'first'> & {
  readonly roles: string;
  readonly owners: string;
  readonly first: number;
};

export const principals: Mapping<Principal, PrincipalColumns> = {
  toNoun: (columns) => ({
    tenant: columns.tenant,
    id: columns.id,
    kind: columns.kind,
    state: columns.state,
    version: columns.version,
    created: columns.created,
    roles: listIn(columns.roles),
    owners: listIn(columns.owners),
    first: isSet(columns.first),
    approvingSince: columns.approvingSince,
    trainedUntil: columns.trainedUntil,
    name: columns.name,
    leafIndex: columns.leafIndex,
    mac: columns.mac,
  }),
  toColumns: (principal) => ({
    tenant: principal.tenant,
    id: principal.id,
    kind: principal.kind,
    state: principal.state,
    version: principal.version,
    created: principal.created,
    roles: listColumn(principal.roles),
    owners: listColumn(principal.owners),
    first: flagColumn(principal.first),
    approvingSince: principal.approvingSince,
    trainedUntil: principal.trainedUntil,
    name: principal.name,
    leafIndex: principal.leafIndex,
    mac: principal.mac,
  }),
};

export type ApiKeyColumns = Omit<ApiKey, 'scopes'> & { readonly scopes: string };

export const apiKeys: Mapping<ApiKey, ApiKeyColumns> = {
  toNoun: (columns) => ({
    tenant: columns.tenant,
    id: columns.id,
    principal: columns.principal,
    hash: columns.hash,
    scopes: listIn(columns.scopes),
    state: columns.state,
    version: columns.version,
    created: columns.created,
    expires: columns.expires,
    mac: columns.mac,
  }),
  toColumns: (key) => ({
    tenant: key.tenant,
    id: key.id,
    principal: key.principal,
    hash: key.hash,
    scopes: listColumn(key.scopes),
    state: key.state,
    version: key.version,
    created: key.created,
    expires: key.expires,
    mac: key.mac,
  }),
};
