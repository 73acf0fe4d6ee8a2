// Several tables in one query: the columns of each under its name, taken apart again.
import type { PolicyRow } from '../../model/policy.ts';
import type { ObjectRow, WrappedKeyRow } from '../../model/recording.ts';
import type { SignIn } from '../../model/sign-in.ts';
import { deposits } from './deposit-mapping.ts';
import { asStored, type Mapping } from './mapping.ts';
import { apiKeys, grants, principals, recordings, requests } from './mappings.ts';
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

/** A table whose columns have the names of the noun's members: `columns` names all of them, or does not compile. */
function joinedMembers<Noun, Columns>(
  table: string,
  mapping: Mapping<Noun, Columns>,
  columns: Readonly<Record<keyof Noun, true>>,
): JoinedTable<Noun> {
  return joined(table, mapping, Object.keys(columns));
}

export const TENANT = joined('tenant', tenants);
export const PRINCIPAL = joinedMembers('principal', principals, {
  ...{ tenant: true, id: true, kind: true, state: true, version: true, created: true, roles: true },
  ...{ owners: true, first: true, approvingSince: true, trainedUntil: true, name: true, leafIndex: true },
  ...{ mac: true },
});
export const API_KEY = joinedMembers('apiKey', apiKeys, {
  ...{ tenant: true, id: true, principal: true, hash: true, scopes: true, state: true, version: true },
  ...{ created: true, expires: true, mac: true },
});
export const RECORDING = joinedMembers('recording', recordings, {
  ...{ tenant: true, id: true, state: true, version: true, created: true, depositor: true, described: true },
  ...{ natural: true, startedAt: true, durationMs: true, direction: true, channels: true, language: true },
  ...{ sensitivity: true, retainUntil: true, queue: true, keepUntil: true, eraseAfter: true, ruled: true },
  ...{ profile: true, restricted: true, holds: true, source: true, listedAt: true, expectedMs: true },
  ...{ listed: true, differs: true, audioDue: true, missingAt: true, delayS: true, quarantine: true },
  ...{ facts: true },
});
export const REQUEST = joinedMembers('accessRequest', requests, {
  ...{ tenant: true, id: true, recording: true, requester: true, purpose: true, objects: true },
  ...{ minutes: true, state: true, version: true, created: true, expires: true, approvalsNeeded: true },
  ...{ policy: true, words: true, mac: true },
});
export const GRANT = joinedMembers('accessGrant', grants, {
  ...{ tenant: true, id: true, request: true, batch: true, recording: true, person: true, purpose: true },
  ...{ objects: true, state: true, version: true, approved: true, expires: true, uses: true, usesLeft: true },
  ...{ minutes: true, opensUntil: true, started: true, extendMinutes: true, extended: true, revokedAt: true },
  ...{ revokedBy: true, revokedWords: true, done: true, doneWords: true, mac: true },
});
export const SESSION = joined('session', sessions);
export const DEPOSIT = joined('deposit', deposits);
export const POLICY = joinedMembers('policy', asStored<PolicyRow>(), {
  ...{ tenant: true, id: true, created: true, body: true, change: true, mac: true },
});
export const SIGN_IN = joinedMembers('signIn', asStored<SignIn>(), {
  ...{ tenant: true, id: true, principal: true, hash: true, method: true, state: true, version: true, created: true },
  ...{ seen: true, idleEnds: true, ends: true, authTime: true, authMethod: true, ended: true, reason: true },
  ...{ leafIndex: true, mac: true },
});
export const OBJECT = joinedMembers('object', asStored<ObjectRow>(), {
  ...{ tenant: true, id: true, deposit: true, name: true, type: true, size: true, sealed: true, parts: true },
  ...{ heads: true },
});
export const WRAPPED_KEY = joinedMembers('wrappedKey', asStored<WrappedKeyRow>(), {
  ...{ tenant: true, deposit: true, scheme: true, keyId: true, wrap: true, wrapped: true, envelopeWrap: true },
});

/** The columns of several tables, for `select`. */
export function selectionOf(...tables: readonly JoinedTable<unknown>[]): readonly string[] {
  return tables.flatMap(({ selection }) => selection);
}
