// Whether a tenant has a second person: who could confirm what an operator's command proposes.
import type { Principal } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import { adminsWithPasskey } from '../people/admins.ts';

/** Who confirms an operator's command: the tenant's admin, another operator, or no one yet. */
export type Confirmer = 'admin' | 'operator' | null;

/** Whether an active admin of the tenant has a passkey: then no operator approves what a command proposed. */
export async function adminCanConfirm(rows: Rows, tenant: string): Promise<boolean> {
  return (await adminsWithPasskey(rows, tenant)).length > 0;
}

/**
 * Who confirms a command of the operator with this staff code. Null: the command acts at once, because the tenant has no
 * recording yet, or because neither an admin nor another operator has ever had a passkey. A removed passkey counts, and a
 * deactivated person: else an operator could act alone after removing either.
 */
export async function confirmerOf(rows: Rows, tenant: string, code: string): Promise<Confirmer> {
  if (!(await hasRecordings(rows, tenant))) return null;
  const holders = await rows.signIns.passkeyHolders(tenant);
  if ((await adminsAmong(rows, tenant, holders)).length > 0)
    return (await adminCanConfirm(rows, tenant)) ? 'admin' : 'operator';
  const operators = await rows.principals.findMany(DEPLOYMENT, await rows.signIns.passkeyHolders(DEPLOYMENT));
  return operators.some((one) => one.roles.includes('operator') && codeOf(one) !== code) ? 'operator' : null;
}

/** An operator's staff code, which is their name. */
export function codeOf({ name }: Pick<Principal, 'name'>): string {
  return Buffer.from(name).toString();
}

async function adminsAmong(rows: Rows, tenant: string, ids: readonly string[]): Promise<Principal[]> {
  const people = await rows.principals.findMany(tenant, [...new Set(ids)]);
  return people.filter(({ kind, roles }) => kind === 'person' && roles.includes('admin'));
}

async function hasRecordings(rows: Rows, tenant: string): Promise<boolean> {
  const first = (state?: 'erased') =>
    rows.recordings.page(tenant, { indexes: [], ...(state === undefined ? {} : { state }) }, null, 1);
  return (await first()).length > 0 || (await first('erased')).length > 0;
}
