// Whether a tenant or the deployment has a second person: who could confirm what an operator's command proposes.
import type { Principal } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import { operatorsWithPasskey } from '../core/authority/logged-operators.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import { adminsWithPasskey } from '../people/admins.ts';

/** Who confirms an operator's command: the tenant's admin, another operator, or no one yet. */
export type Confirmer = 'admin' | 'operator' | null;

/** Whether an active admin of the tenant other than these has a passkey: then no operator approves what a command proposed. */
export async function adminCanConfirm(rows: Rows, tenant: string, except: readonly string[]): Promise<boolean> {
  return (await adminsWithPasskey(rows, tenant)).some((id) => !except.includes(id));
}

/**
 * Who confirms a command of the operator with this staff code. Null: the command acts at once, because the tenant has no
 * recording yet, not even one whose upload failed, or because neither an admin nor another operator has ever had a passkey;
 * of the deployment, because no other operator has.
 * A removed passkey counts, and a deactivated person: else an operator could act alone after removing either. `except`:
 * people who gain by it: another operator confirms where no other admin can.
 */
export async function confirmerOf(
  rows: Rows,
  tenant: string,
  code: string,
  except: readonly string[],
): Promise<Confirmer> {
  if (tenant === DEPLOYMENT) return (await hasOtherOperator(rows, code)) ? 'operator' : null;
  if (!(await rows.recordings.hasAny(tenant))) return null;
  const holders = await rows.signIns.passkeyHolders(tenant);
  if ((await adminsAmong(rows, tenant, holders)).length > 0)
    return (await adminCanConfirm(rows, tenant, except)) ? 'admin' : 'operator';
  return (await hasOtherOperator(rows, code)) ? 'operator' : null;
}

async function hasOtherOperator(rows: Rows, code: string): Promise<boolean> {
  return (await operatorsWithPasskey(rows)).some((one) => one.code !== code);
}

/**
 * Whether operators sign what their commands propose: once any of them has had a passkey. Until then an operator is known by
 * staff code alone.
 */
export async function operatorsSign(rows: Rows): Promise<boolean> {
  return (await operatorsWithPasskey(rows)).length > 0;
}

/** An operator's staff code, which is their name. */
export function codeOf({ name }: Pick<Principal, 'name'>): string {
  return Buffer.from(name).toString();
}

async function adminsAmong(rows: Rows, tenant: string, ids: readonly string[]): Promise<Principal[]> {
  const people = await rows.principals.findMany(tenant, [...new Set(ids)]);
  return people.filter(({ kind, roles }) => kind === 'person' && roles.includes('admin'));
}
