// Holds of a test tenant: a privacy officer who places them, and what rows say of them.
import type { Caller } from '../../src/model/principal.ts';
import { applyLift } from '../../src/vault/changes/lift.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { type HoldQuery, placeHold } from '../../src/vault/holds/place.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';

const by = operatorActor('op-9');
const SAID = { reference: 'HB-1', title: 'Fenwick v Harbour', review: '2027-06-30T00:00:00.000Z' };

/** A privacy officer of the tenant, who needs no credential. */
export async function officerOf(vault: Vault, tenant: string, request: RequestContext): Promise<Caller> {
  const what = { tenant, kind: 'person', name: 'Priya', roles: ['privacy'], owners: [] } as const;
  const principal = await addPrincipal(vault, by, what, request);
  const caller = { tenant, principal, kind: 'person', roles: ['privacy'], auth: 'api-key' } as const;
  return { ...caller, scopes: ['correct'], humans: [principal] };
}

/** Places a hold on a list, or by a rule. Returns its id. */
export async function placed(
  vault: Vault,
  officer: Caller,
  what: { readonly recordings: readonly string[] } | { readonly query: HoldQuery; readonly continuing?: boolean },
  request: RequestContext,
): Promise<string> {
  const wanted =
    'recordings' in what
      ? ({ ...SAID, recordings: what.recordings, query: null, continuing: false } as const)
      : { ...SAID, recordings: null, query: what.query, continuing: what.continuing ?? false };
  return (await placeHold(vault, officer, wanted, request)).view.hold.id;
}

/** Lifts a hold, or some recordings of it, as an approved change does. */
export async function lifted(
  vault: Vault,
  tenant: string,
  hold: string,
  recordings: readonly string[] | undefined,
  request: RequestContext,
): Promise<void> {
  const row = await vault.db.read((rows) => rows.tenants.find(tenant), request);
  if (row === null) throw new Error('there is no such tenant');
  const metadataKey = await vault.metadataKeys.get(row, request);
  await vault.db.change(async (tx) => {
    await tx.tenants.lock(tenant);
    const body = { v: 1, kind: 'lift', hold, ...(recordings === undefined ? {} : { recordings }) } as const;
    const events = await applyLift(vault, tx, metadataKey, tenant, body, { by, marks: {}, request: {} });
    return { result: null, events };
  }, request);
}

/** Erases a recording; the code of what forbids it. */
export function erased(vault: Vault, tenant: string, recording: string, request: RequestContext): Promise<string> {
  return eraseRecording(vault, by, { tenant, recording, reason: 'request' }, request).then(
    () => 'erased',
    (error: { readonly code: string }) => error.code,
  );
}

/** What the rows say of the holds: each with its recordings, and the counts of those. */
export function heldState(vault: Vault, tenant: string, request: RequestContext) {
  return vault.db.read(async (rows) => {
    const holds = await rows.legalHolds.page(tenant, null, null, 100);
    const recordings = await Promise.all(
      holds.map(async ({ id }) => {
        const found = await rows.legalHolds.recordings(tenant, id, '', 1000);
        return found.map(({ recording, covered, lifted: left }) => `${recording} ${covered} ${left}`);
      }),
    );
    const ids = [...new Set(recordings.flat().map((line) => line.split(' ')[0] ?? ''))];
    const counts = (await rows.recordings.findMany(tenant, ids)).map(({ id, holds: n }) => `${id} ${n}`).sort();
    const said = holds.map(({ id, state, created, continuing, review, placedBy, lifted: at, liftedBy }) => ({
      ...{ id, state, created, continuing, review, placedBy, at, liftedBy },
    }));
    return { holds: said, recordings, counts };
  }, request);
}
