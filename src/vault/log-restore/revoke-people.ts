// Revoking again what people lost: they are deactivated, or have fewer roles and credentials.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import { eventList } from '../../model/audit-event.ts';
import type { Principal } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';
import { changeWithMac } from '../core/authority/authority-rows.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import { endSignIns } from '../core/sessions/end-sign-ins.ts';
import { deactivate } from '../people/deactivate.ts';
import { earlier, type Revocations } from './revocations.ts';
import type { RevokedAgain, Revoking } from './revoked-again.ts';

/** Deactivates people and services, and removes roles and training. */
export async function revokePeople(
  tx: Transaction,
  tenant: string,
  revoked: Revocations,
  acting: Revoking,
  back: RevokedAgain,
): Promise<void> {
  for (const id of [...new Set([...revoked.off, ...revoked.roles.keys()])].sort()) {
    const row = await tx.principals.lock(tenant, id);
    if (row?.state !== 'ACTIVE') continue;
    const lowered = revoked.off.has(id) ? 'off' : loweredRoles(row, revoked);
    if (lowered === null) continue;
    const columns = lowered === 'off' ? null : columnsWithMac(row, lowered, acting.metadataKey);
    if (columns === null) {
      const ended = await deactivate(tx, tenant, id, acting.how);
      back.events.push(...ended.events);
      back.sessions.push(...ended.sessions);
      back.counts.people++;
      continue;
    }
    if (!(await tx.principals.change(row, columns))) continue;
    const trained = columns.trainedUntil === null ? {} : { trained_until: columns.trainedUntil };
    const object = { id, was: eventList(row.roles), roles: eventList(columns.roles), ...trained };
    back.events.push(event(tenant, acting.how.by, 'person.changed', object, acting.how.request));
    back.counts.roles++;
  }
}

type Lowered = Pick<Principal, 'roles' | 'trainedUntil'>;

/** What a person keeps; `off` where that is no role, null where it is all. */
function loweredRoles({ id, roles, trainedUntil }: Principal, revoked: Revocations): Lowered | 'off' | null {
  const most = revoked.roles.get(id);
  if (most === undefined) return null;
  const kept = roles.filter((role) => most.roles.includes(role));
  const until = earlier(trainedUntil, most.trainedUntil);
  if (kept.length === 0) return 'off';
  return kept.length === roles.length && until === trainedUntil ? null : { roles: kept, trainedUntil: until };
}

/** Null where no MAC can be made: without the key, and for a row that is not authentic. Then the person is deactivated. */
function columnsWithMac(row: Principal, lowered: Lowered, metadataKey: SecretKey | null) {
  if (metadataKey === null && row.tenant !== DEPLOYMENT) return null;
  try {
    return changeWithMac(metadataKey, 'principal', row, lowered);
  } catch (error) {
    if (hasCode(error, 'integrity', 'conflict')) return null;
    throw error;
  }
}

/** Revokes API keys, passkeys and sign-ins; withdraws all sign-in links. */
export async function revokeCredentials(
  tx: Transaction,
  tenant: string,
  revoked: Revocations,
  { how: { by, request } }: Revoking,
  back: RevokedAgain,
): Promise<void> {
  for (const key of await tx.principals.apiKeys(tenant, null)) {
    if (!revoked.apiKeys.has(key.id) || key.state !== 'ACTIVE') continue;
    if (!(await tx.principals.changeApiKey(key, { state: 'REVOKED', mac: null }))) continue;
    const object = { id: key.id, principal: key.principal };
    back.events.push(event(tenant, by, 'api_key.revoked', object, request));
    back.counts.api_keys++;
  }
  for (const passkey of await tx.signIns.passkeys(tenant, null)) {
    if (!revoked.passkeys.has(passkey.id)) continue;
    if (!(await tx.signIns.changePasskey(passkey, { state: 'REMOVED', mac: null }))) continue;
    const object = { id: passkey.id, principal: passkey.principal };
    back.events.push(event(tenant, by, 'passkey.removed', object, request));
    back.counts.passkeys++;
  }
  for (const signIn of await tx.signIns.liveIn(tenant)) {
    if (!revoked.signIns.has(signIn.id)) continue;
    const { ended, events, sessions } = await endSignIns(tx, by, [signIn], 'signed-out', request);
    back.events.push(...events);
    back.sessions.push(...sessions);
    back.counts.sign_ins += ended;
  }
  // All: one that was used since would open a second sign-in.
  for (const link of await tx.signIns.openLinks(tenant, null)) {
    back.counts.links += Number(await tx.signIns.changeLink(link, { state: 'WITHDRAWN', mac: null }));
  }
}
