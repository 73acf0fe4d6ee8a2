// What the last transaction of a restore revokes again: an older database still has it.
import { tombstoneListPath } from '../../envelope/tombstone-list.ts';
import { isErased } from '../../model/recording.ts';
import type { Transaction } from '../../ports/database.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import { shred } from '../erasure/shred.ts';
import type { Revocations } from './revocations.ts';
import { cancelRequests, endChanges, endEndedSessions, endGrants, removeMembers } from './revoke-access.ts';
import { revokeCredentials, revokePeople } from './revoke-people.ts';
import { nothingRevoked, type RevokedAgain, type Revoking } from './revoked-again.ts';

/**
 * Revokes in a tenant, or the deployment, what these events revoked, as far as the rows still have it; and ends all grants,
 * listening sessions, assignments and sign-in links: later revocations may be lost. It gives nothing.
 */
export async function revokeAgain(
  tx: Transaction,
  tenant: string,
  revoked: Revocations,
  acting: Revoking,
): Promise<RevokedAgain> {
  const back = nothingRevoked();
  if (tenant !== DEPLOYMENT) await endEndedSessions(tx, tenant, revoked, back);
  await revokePeople(tx, tenant, revoked, acting, back);
  await revokeCredentials(tx, tenant, revoked, acting, back);
  await endChanges(tx, tenant, revoked, acting, back);
  if (tenant === DEPLOYMENT) return back;
  await suspend(tx, tenant, revoked, acting, back);
  await retireIngestKeys(tx, tenant, revoked, acting, back);
  await recordings(tx, tenant, revoked, acting, back);
  await cancelRequests(tx, tenant, revoked, acting, back);
  await endGrants(tx, tenant, acting, back);
  await removeMembers(tx, tenant, revoked, acting, back);
  return back;
}

async function suspend(
  tx: Transaction,
  tenant: string,
  { suspended }: Revocations,
  { how: { by, request } }: Revoking,
  back: RevokedAgain,
): Promise<void> {
  const row = await tx.tenants.lock(tenant);
  if (!suspended || row?.state !== 'ACTIVE' || !(await tx.tenants.change(row, { state: 'SUSPENDED' }))) return;
  const object = { id: tenant };
  back.events.push(...[tenant, DEPLOYMENT].map((log) => event(log, by, 'tenant.suspended', object, request)));
  back.counts.tenant++;
}

/** Deletes retired ingest keys again. Their blobs are deleted already, or a sweep does it. */
async function retireIngestKeys(
  tx: Transaction,
  tenant: string,
  { ingestKeys }: Revocations,
  { how: { by, request } }: Revoking,
  back: RevokedAgain,
): Promise<void> {
  for (const id of [...ingestKeys].sort()) {
    const row = await tx.ingestKeys.find(tenant, id);
    if (row === null) continue;
    // The backup may be from before it was replaced. The newer key comes back from the store, or background work creates one.
    if (row.state === 'CURRENT') await tx.ingestKeys.supersede(tenant, id);
    if (!(await tx.ingestKeys.delete(tenant, id))) continue;
    const last = row.lastFileAt === null ? {} : { last_file: row.lastFileAt };
    back.events.push(event(tenant, by, 'ingest_key.retired', { id, ...last }, request));
    back.counts.ingest_keys++;
  }
}

/** Erases again what was erased: its tombstone may be missing in the store, where a process ended before it wrote it. */
async function recordings(
  tx: Transaction,
  tenant: string,
  { erased }: Revocations,
  { how: { by, request } }: Revoking,
  back: RevokedAgain,
): Promise<void> {
  for (const [id, { event: began, at }] of [...erased].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const row = await tx.recordings.lock(tenant, id);
    if (row === null || isErased(row)) continue;
    const done = await shred(tx, by, row, tombstoneListPath(tenant, began, at), request);
    const replayed = event(tenant, by, 'tombstone.replayed', { id, event: began }, request);
    back.events.push(replayed, ...done.events);
    back.sessions.push(...done.sessions);
    back.erasures.push({ ...done.erasure, by: replayed.id });
    back.counts.recordings++;
  }
}
