// Who a sign-in cookie belongs to.
import { VaultError } from '../../errors.ts';
import { type Caller, humansOf, rolesOf, scopesFor } from '../../model/principal.ts';
import { IDLE_MS, isLive, later, SEEN_MS } from '../../model/sign-in.ts';
import { DEPLOYMENT } from '../log/events.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';
import { idInSecret, isSecretOf } from './secret.ts';

/**
 * Who presents this cookie. Unless the request only waits in the background, it keeps the session from idling out.
 * Throws `unauthenticated`, the same for a wrong, unknown, idle and ended one.
 */
export async function authenticateCookie(
  vault: Pick<Vault, 'db'>,
  cookie: string,
  background: boolean,
  request: Request,
): Promise<Caller> {
  const refused = new VaultError('unauthenticated', 'the sign-in is over');
  const id = idInSecret('cvs', cookie);
  const { signIn, principal, tenant, now } = await vault.db.read(async (rows) => {
    const found = await rows.signIns.signIn(id ?? '');
    return {
      signIn: found,
      principal: found === null ? null : await rows.principals.find(found.tenant, found.principal),
      tenant: found === null ? null : await rows.tenants.find(found.tenant),
      now: await rows.now(),
    };
  }, request);
  const same = isSecretOf(cookie, signIn?.hash);
  if (!same || signIn === null || principal?.state !== 'ACTIVE' || !isLive(signIn, now)) throw refused;
  if (signIn.tenant !== DEPLOYMENT && (tenant === null || tenant.state === 'CREATING')) throw refused;
  if (!background && Date.parse(now) - Date.parse(signIn.seen) > SEEN_MS) {
    const idleEnds = later(now, IDLE_MS);
    if (!(await vault.db.note((notes) => notes.signIns.seen(signIn.tenant, signIn.id, now, idleEnds), request)))
      throw refused;
  }
  const roles = rolesOf(principal);
  return {
    tenant: signIn.tenant,
    principal: principal.id,
    kind: principal.kind,
    roles,
    scopes: scopesFor(roles),
    auth: 'sign-in',
    signIn: { id: signIn.id, authTime: signIn.authTime, authMethod: signIn.authMethod },
    humans: humansOf(principal),
  };
}
