// Requests with what decisions on them depend on, in SQL: read, or locked in order of their ids.
import type { Kysely } from 'kysely';
import type { LookRows, LookWrites, RowsToDecide } from '../../ports/rows/look-rows.ts';
import type { Connection } from './connection.ts';
import { PRINCIPAL, RECORDING, REQUEST, selectionOf } from './joined-rows.ts';
import { ofCaller, PRESENTED, presented, presentedBy, underTenantLock } from './look-locks.ts';
import { floorOf, marked, required, type SeenFloor } from './look-rows.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

const TO_DECIDE = selectionOf(...PRESENTED, REQUEST, RECORDING, PRINCIPAL);

/** Ordered by id: two lists of the same requests are locked one after the other, and not each half. */
function requestsOf(db: Kysely<Schema>, tenant: string, apiKey: string, signIn: string, requests: readonly string[]) {
  return ofCaller(db, tenant, apiKey, signIn)
    .innerJoin('accessRequest', (join) =>
      join.onRef('accessRequest.tenant', '=', 'tenant.tenant').on('accessRequest.id', 'in', requests),
    )
    .leftJoin('recording', (join) =>
      join.onRef('recording.tenant', '=', 'tenant.tenant').onRef('recording.id', '=', 'accessRequest.recording'),
    )
    .leftJoin('principal', (join) =>
      join.onRef('principal.tenant', '=', 'tenant.tenant').onRef('principal.id', '=', 'accessRequest.requester'),
    )
    .orderBy('accessRequest.id')
    .select(TO_DECIDE as never)
    .select(floorOf(db, 'tenant.tenant') as never);
}

const toDecide = query(requestsOf);
const lockedToDecide = query((db, tenant: string, apiKey: string, signIn: string, requests: readonly string[]) =>
  requestsOf(db, tenant, apiKey, signIn, requests).forShare('tenant').forUpdate('accessRequest'),
);

export function looksToDecide(
  db: Connection,
  seenFloor: SeenFloor,
): Pick<LookRows, 'toDecide'> & Pick<LookWrites, 'lockToDecide' | 'lockAllToDecide'> {
  const rowsIn = (found: readonly object[]): RowsToDecide[] =>
    found.map((one) => {
      const row = marked(one, seenFloor);
      const beside = { ...presented(row), recording: RECORDING.nounIn(row), person: PRINCIPAL.nounIn(row) };
      return { ...beside, request: required(REQUEST.nounIn(row)) };
    });
  const lockAllToDecide: LookWrites['lockAllToDecide'] = async (by, requests) =>
    rowsIn(await underTenantLock(db, by, lockedToDecide(...presentedBy(by), requests)));
  return {
    toDecide: async (by, requests) => rowsIn(await db.all(toDecide(...presentedBy(by), requests))),
    lockToDecide: async (by, request) => (await lockAllToDecide(by, [request]))[0] ?? null,
    lockAllToDecide,
  };
}
