// Several tables in one query: the columns of each under its name, taken apart again.
import type { PolicyRow } from '../../model/policy.ts';
import type { ObjectRow, WrappedKeyRow } from '../../model/recording.ts';
import type { SignIn } from '../../model/sign-in.ts';
import { grants, requests } from './access-mapping.ts';
import { deposits } from './deposit-mapping.ts';
import { asStored, type Mapping } from './mapping.ts';
import { apiKeys, principals } from './principal-mapping.ts';
import { recordings } from './recording-mapping.ts';
import { sessions } from './session-mapping.ts';
import { tenants } from './tenant-mapping.ts';

/** A row of a joined query, before it is taken apart. */
export type JoinedRow = Readonly<Record<string, unknown>>;

/** One table of a joined query. */
export type JoinedTable<Noun> = {
  /** For `select`: each column as `<table>.<column>`. */
  readonly selection: readonly string[];
  /** The noun in a row; null where a left join found none. */
  readonly nounIn: (row: JoinedRow) => Noun | null;
};

function joined<Noun, Columns>(
  table: string,
  mapping: Mapping<Noun, Columns>,
  columns: readonly string[] = Object.keys(mapping.toColumns({})),
): JoinedTable<Noun> {
  const names = columns.map((column) => [column, `${table}.${column}`] as const);
  return {
    selection: names.map(([, name]) => `${name} as ${name}`),
    nounIn: (row) => {
      // Part of every table's key.
      if (row[`${table}.tenant`] === null) return null;
      const found: Record<string, unknown> = {};
      for (const [column, name] of names) found[column] = row[name];
      return mapping.toNoun(found as Columns);
    },
  };
}

/** A table whose columns are the noun's members: `columns` names all of them, or does not compile. */
function joinedAsStored<Noun>(table: string, columns: Readonly<Record<keyof Noun, true>>): JoinedTable<Noun> {
  return joined<Noun, Noun>(table, asStored<Noun>(), Object.keys(columns));
}

export const TENANT = joined('tenant', tenants);
export const PRINCIPAL = joined('principal', principals);
export const API_KEY = joined('apiKey', apiKeys);
export const RECORDING = joined('recording', recordings);
export const REQUEST = joined('accessRequest', requests);
export const GRANT = joined('accessGrant', grants);
export const SESSION = joined('session', sessions);
export const DEPOSIT = joined('deposit', deposits);
export const POLICY = joinedAsStored<PolicyRow>('policy', {
  ...{ tenant: true, id: true, created: true, body: true, change: true, mac: true },
});
export const SIGN_IN = joinedAsStored<SignIn>('signIn', {
  ...{ tenant: true, id: true, principal: true, hash: true, method: true, state: true, version: true, created: true },
  ...{ seen: true, idleEnds: true, ends: true, authTime: true, authMethod: true, ended: true, reason: true },
  ...{ leafIndex: true, mac: true },
});
export const OBJECT = joinedAsStored<ObjectRow>('object', {
  ...{ tenant: true, id: true, deposit: true, name: true, type: true, size: true, sealed: true, parts: true },
  ...{ heads: true },
});
export const WRAPPED_KEY = joinedAsStored<WrappedKeyRow>('wrappedKey', {
  ...{ tenant: true, deposit: true, scheme: true, keyId: true, wrap: true, wrapped: true, envelopeWrap: true },
});

/** The columns of several tables, for `select`. */
export function selectionOf(...tables: readonly JoinedTable<unknown>[]): readonly string[] {
  return tables.flatMap(({ selection }) => selection);
}
