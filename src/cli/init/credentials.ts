// API key of the first service, in a file that curl reads, and sign-in links of the first people.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { RequestContext } from '../../vault/core/request-context.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { createApiKey } from '../../vault/people/api-keys.ts';
import { createLink, linkAt } from '../../vault/sign-in/links.ts';
import type { FirstPrincipal } from '../../vault/tenants/first-setup.ts';

type CreatedTenant = { readonly tenant: string; readonly principals: readonly FirstPrincipal[] };

/** File with the service's API key. `expires` is null when an earlier run wrote it. */
export type KeyFile = { readonly file: string; readonly expires: string | null };

/** A person with a one-time sign-in link, or null for one who already has a passkey. */
export type PersonalLink = FirstPrincipal & { readonly link: string | null; readonly expires: string | null };

const KEY_DAYS = 365;
const LINK_MINUTES = 60;

/**
 * Creates the service's API key and writes it as a curl config with mode 0600, so that it never appears on a command
 * line.
 */
export async function createUploaderKey(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Actor,
  { tenant, principals, beside }: CreatedTenant & { readonly beside: string },
  request: RequestContext,
): Promise<KeyFile> {
  const file = join(dirname(beside), 'uploader.curl');
  const existing = await readFile(file, 'utf8').catch(() => null);
  if (existing !== null) return { file, expires: null };
  const principal = principals.find(({ as }) => as === 'service')?.id ?? '';
  const { secret, expires } = await createApiKey(
    vault,
    by,
    { tenant, principal, days: KEY_DAYS, scopes: null },
    request,
  );
  await writeFile(file, `header = "Authorization: Bearer ${secret}"\n`, { mode: 0o600, flag: 'wx' });
  return { file, expires };
}

/** Creates a link for each person without a passkey. */
export async function createSignInLinks(
  vault: Pick<Vault, 'db' | 'sessionKeys' | 'metadataKeys'>,
  by: Actor,
  { tenant, principals, url }: CreatedTenant & { readonly url: string },
  request: RequestContext,
): Promise<PersonalLink[]> {
  const links: PersonalLink[] = [];
  for (const person of principals.filter(({ as }) => as !== 'service')) {
    try {
      const whom = { tenant, principal: person.id, minutes: LINK_MINUTES, replacePasskeys: false };
      const { secret, expires } = await createLink(vault, by, whom, request);
      links.push({ ...person, link: linkAt(url, secret), expires });
    } catch (error) {
      if (!hasCode(error, 'conflict')) throw error;
      links.push({ ...person, link: null, expires: null });
    }
  }
  return links;
}
