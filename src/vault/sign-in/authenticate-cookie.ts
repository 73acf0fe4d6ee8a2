// Authentication by a sign-in cookie.
import { VaultError } from '../../errors.ts';
import { type Caller, humansOf, type Principal, scopesFor } from '../../model/principal.ts';
import { addMilliseconds, isSignInLive, SEEN_MS, SIGN_IN_IDLE_MS, type SignIn } from '../../model/sign-in.ts';
import { type CredentialCheckOptions, requireAuthenticRows } from '../core/authority/credential-rows.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import { hasDuty } from '../core/process-role.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { isSecretOf, parseSecretId } from './secret.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys'>;
type Found = { readonly signIn: SignIn; readonly principal: Principal; readonly now: string };

/**
 * Authenticates a cookie and resets the session's idle timeout. Throws `unauthenticated`, the same for a wrong,
 * unknown, idle, ended and forged one; throws the key service's errors where the tenant's rows cannot be checked.
 */
export async function authenticateCookie(
  vault: Deps,
  cookie: string,
  request: RequestContext,
  presenting: CredentialCheckOptions = {},
): Promise<Caller> {
  const found = await findLive(vault, cookie, request, presenting);
  await keepFromIdling(vault, found, request);
  return callerOf(found);
}

/** The same for background requests of an open page: they do not reset the idle timeout. */
export async function authenticateInBackground(
  vault: Deps,
  cookie: string,
  request: RequestContext,
  presenting: CredentialCheckOptions = {},
): Promise<Caller> {
  return callerOf(await findLive(vault, cookie, request, presenting));
}

async function findLive(
  vault: Deps,
  cookie: string,
  request: RequestContext,
  presenting: CredentialCheckOptions,
): Promise<Found> {
  const id = parseSecretId('cvs', cookie);
  const { found, now } = await vault.db.read(
    async (rows) => ({ found: await rows.looks.signIn(id ?? ''), now: await rows.now() }),
    request,
  );
  const same = isSecretOf(cookie, found?.signIn.hash);
  if (!same || found === null) throw signInEnded();
  const { signIn, principal, tenant } = found;
  if (principal?.state !== 'ACTIVE' || !isSignInLive(signIn, now)) throw signInEnded();
  if (signIn.tenant !== DEPLOYMENT && (tenant === null || tenant.state === 'CREATING')) throw signInEnded();
  const owner = signIn.tenant === DEPLOYMENT ? null : tenant;
  await requireAuthenticRows(vault, owner, { signIn, principal }, signInEnded, request, presenting);
  return { signIn, principal, now };
}

async function keepFromIdling(vault: Deps, { signIn, now }: Found, request: RequestContext): Promise<void> {
  // No route of such a process is for browsers, and its database user may not write sign-ins.
  if (!hasDuty(vault.settings.role, 'catalogue')) return;
  const { tenant, id, seen } = signIn;
  if (Date.parse(now) - Date.parse(seen) <= SEEN_MS) return;
  const noted = await vault.db.note(
    (notes) => notes.signIns.seen(tenant, id, now, addMilliseconds(now, SIGN_IN_IDLE_MS)),
    request,
  );
  if (!noted) throw signInEnded();
}

function signInEnded(): VaultError {
  return new VaultError('unauthenticated', 'the sign-in has ended');
}

function callerOf({ signIn, principal }: Found): Caller {
  const { roles } = principal;
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
