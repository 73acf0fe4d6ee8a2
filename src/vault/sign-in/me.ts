// The caller's own identity and permissions, for the console.
import { VaultError } from '../../errors.ts';
import { linkDecidesUntil } from '../../model/access-checks.ts';
import { logName } from '../../model/audit-event.ts';
import type { Difference } from '../../model/held-log.ts';
import { type Action, actionsOf } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import type { Passkey, SignIn } from '../../model/sign-in.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import { nameKey, openName, openText } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { isKeyUnavailable } from '../core/wrapped-keys/key-unavailable.ts';

export type Me = {
  readonly name: string;
  readonly tenant: {
    readonly id: string;
    readonly name: string;
    readonly timeZone: string;
    readonly log: string;
    /** How the log differs from what was published, where it is held; else null. */
    readonly held: Difference | null;
    /** Fields that the caller can search recordings by. */
    readonly searchable: readonly string[];
  };
  readonly signIn: SignIn | null;
  /** Until when the caller may decide by their link: a first person without a passkey. */
  readonly linkDecidesUntil: string | null;
  readonly passkeys: readonly (Pick<Passkey, 'id' | 'created' | 'lastUsed'> & { readonly label: string })[];
  readonly actions: readonly Action[];
  readonly now: string;
};

/** The caller and their permissions. The name is empty while the tenant is suspended or its key unavailable. */
export async function readMe(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'settings'>,
  by: Caller,
  request: RequestContext,
): Promise<Me> {
  const found = await vault.db.read(
    async (rows) => ({
      person: await rows.principals.find(by.tenant, by.principal),
      tenant: await rows.tenants.find(by.tenant),
      signIn: by.signIn === undefined ? null : await rows.signIns.signIn(by.signIn.id),
      passkeys: await rows.signIns.passkeys(by.tenant, by.principal),
      log: await rows.log.state(by.tenant),
      now: await rows.now(),
    }),
    request,
  );
  const { person, tenant, passkeys } = found;
  if (person === null) throw new VaultError('unauthenticated', 'the credential is not valid');
  const key = await nameKey(vault, by.tenant, request).catch((error: unknown) => {
    if (isKeyUnavailable(error)) return undefined;
    throw error;
  });
  const actions = actionsOf(by);
  const opened = (row: string, column: string, bytes: Uint8Array): string =>
    key === undefined ? '' : openText(key, { tenant: by.tenant, row, column }, bytes);
  return {
    name: key === undefined ? '' : openName(key, person),
    tenant: {
      id: by.tenant,
      name: by.tenant === DEPLOYMENT ? vault.settings.origin : (tenant?.name ?? ''),
      timeZone: tenant === null ? 'UTC' : timeZoneOf(tenant),
      log: logName(vault.settings.origin, by.tenant),
      held: found.log?.held ?? null,
      searchable: actions.includes('recording.read') ? (tenant?.searchable ?? []) : [],
    },
    signIn: found.signIn,
    linkDecidesUntil: passkeys.length > 0 ? null : linkDecidesUntil(person, by.signIn),
    passkeys: passkeys.map(({ id, created, lastUsed, label }) => {
      return { id, created, lastUsed, label: opened(id, 'label', label) };
    }),
    actions,
    now: found.now,
  };
}

/** The caller's own live sign-in sessions, newest first. */
export function listOwnSignIns(vault: Pick<Vault, 'db'>, by: Caller, request: RequestContext): Promise<SignIn[]> {
  return vault.db.read((rows) => rows.signIns.liveOf(by.tenant, by.principal), request);
}
