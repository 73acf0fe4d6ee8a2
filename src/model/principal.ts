// Principals: people and services, their roles, and the roles that exclude one another.
import { VaultError } from '../errors.ts';
import type { SignInMethod } from './sign-in.ts';

export const ROLES = [
  'uploader',
  'lists',
  'reviewer',
  'supervisor',
  'privacy',
  'auditor',
  'admin',
  'operator',
] as const;
export type Role = (typeof ROLES)[number];

/** Scopes limit an API key below the roles of its owner. */
export const SCOPES = [
  'ingest',
  'read',
  'request',
  'listen',
  'decide',
  'correct',
  'audit',
  'admin',
  'operate',
] as const;
export type Scope = (typeof SCOPES)[number];

export type PrincipalKind = 'person' | 'service';

/** A principal's row. */
export type Principal = {
  readonly tenant: string;
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly state: 'ACTIVE' | 'OFF';
  readonly version: number;
  readonly created: string;
  /** Sorted. */
  readonly roles: readonly Role[];
  /** The people responsible for a service; empty for a person. */
  readonly owners: readonly string[];
  /** True for the admin and approvers named when the tenant was created. */
  readonly first: boolean;
  /** When a change made the person an approver; null for those who were one from the start, and for others. */
  readonly approvingSince: string | null;
  /** The last day on which the person's training counts, as YYYY-MM-DD; null where none is recorded. */
  readonly trainedUntil: string | null;
  /** The name, sealed; an operator's is a staff code in clear. */
  readonly name: Uint8Array;
  /** Index of the event of the deployment's log that created the row, without which it gives nothing; null for a tenant's. */
  readonly leafIndex: number | null;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** An API key's row: the secret is stored as its SHA-256. */
export type ApiKey = {
  readonly tenant: string;
  readonly id: string;
  readonly principal: string;
  readonly hash: Uint8Array;
  /** May include a scope that no longer exists: it grants nothing. */
  readonly scopes: readonly string[];
  readonly state: 'ACTIVE' | 'REVOKED';
  readonly version: number;
  readonly created: string;
  readonly expires: string;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** A caller's sign-in session: when and how the person last proved their identity. */
export type PresentedSignIn = {
  readonly id: string;
  readonly authTime: string;
  readonly authMethod: SignInMethod;
};

/** The authenticated caller. */
export type Caller = {
  readonly tenant: string;
  readonly principal: string;
  readonly kind: PrincipalKind;
  readonly roles: readonly Role[];
  readonly scopes: readonly Scope[];
  readonly auth: 'api-key' | 'sign-in';
  /** The API key that was presented. */
  readonly apiKey?: string;
  /** The sign-in session that was presented. */
  readonly signIn?: PresentedSignIn;
  /** All human identities behind the caller: the person, or a service's owners. */
  readonly humans: readonly string[];
};

/** The human identities behind a principal. */
export function humansOf(principal: Pick<Principal, 'id' | 'kind' | 'owners'>): readonly string[] {
  return principal.kind === 'person' ? [principal.id] : principal.owners;
}

/**
 * Since when a person can approve, which their account's age counts from. Null for people named when the tenant was
 * created, until they stop being approvers: it had no recordings then.
 */
export function approverSince(person: Pick<Principal, 'first' | 'created' | 'approvingSince'>): string | null {
  return person.approvingSince ?? (person.first ? null : person.created);
}

/** Roles that must be apart from roles with access to content. */
const SEPARATE: readonly Role[] = ['privacy', 'auditor', 'admin', 'operator'];
const CONTENT: readonly Role[] = ['uploader', 'reviewer', 'supervisor'];
const OF_SERVICES: readonly Role[] = ['uploader', 'lists', 'auditor'];
const TENANT_ROLES = ROLES.filter((role) => role !== 'operator');

/** Why a principal cannot have a set of roles. */
export type RolesFault = {
  readonly code: 'role_unknown' | 'roles_empty' | 'roles_exclude' | 'role_of_operators' | 'role_of_services';
  readonly detail: string;
};

/**
 * Why one principal of a tenant cannot have these roles; null where it can. Administration, audit and privacy must be
 * different people, none of whom works with content (等保: three separate administrators).
 */
export function rolesFault(kind: PrincipalKind, roles: readonly string[]): RolesFault | null {
  const unknown = roles.find((role) => !(ROLES as readonly string[]).includes(role));
  if (unknown !== undefined)
    return { code: 'role_unknown', detail: `there is no such role: the roles are ${TENANT_ROLES.join(', ')}` };
  const set = sortedRoles(roles);
  if (set.length === 0) return { code: 'roles_empty', detail: 'a principal needs at least one role' };
  const separate = set.filter((role) => SEPARATE.includes(role));
  if (separate.length > 1 || (separate.length === 1 && set.some((role) => CONTENT.includes(role))))
    return { code: 'roles_exclude', detail: `the roles ${set.join(' and ')} exclude one another` };
  // A list by the service that uploads says nothing of what that leaves out.
  if (set.includes('lists') && set.length > 1)
    return { code: 'roles_exclude', detail: `the roles ${set.join(' and ')} exclude one another` };
  if (set.includes('operator'))
    return { code: 'role_of_operators', detail: 'an operator belongs to the deployment, not to a tenant' };
  if (kind === 'service' && set.some((role) => !OF_SERVICES.includes(role)))
    return {
      code: 'role_of_services',
      detail: 'a service is an uploader, a sender of call lists or an auditor: other roles are for people',
    };
  if (kind === 'person' && set.some((role) => role === 'uploader' || role === 'lists'))
    return { code: 'role_of_services', detail: 'an uploader and a sender of call lists are services' };
  return null;
}

/** Roles in their order, each once. */
export function sortedRoles(roles: readonly string[]): Role[] {
  return [...new Set(roles)].sort() as Role[];
}

/** Validates a set of roles for one principal and returns it sorted. Throws `malformed`. */
export function checkRoles(kind: PrincipalKind, roles: readonly string[]): Role[] {
  const fault = rolesFault(kind, roles);
  if (fault !== null) throw new VaultError('malformed', fault.detail);
  return sortedRoles(roles);
}

/** Whether a text is a day, such as 2027-03-31. */
export function isTrainingDay(text: string): boolean {
  if (!/^[2-9]\d{3}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

const ROLE_SCOPES: Readonly<Record<Role, readonly Scope[]>> = {
  uploader: ['ingest'],
  // Call lists are sent where calls are.
  lists: ['ingest'],
  reviewer: ['read', 'request', 'listen'],
  supervisor: ['read', 'request', 'listen', 'decide', 'correct'],
  privacy: ['read', 'request', 'listen', 'correct'],
  auditor: ['audit'],
  admin: ['admin'],
  operator: ['operate'],
};

/** The default scopes of a new API key for these roles. */
export function scopesFor(roles: readonly Role[]): Scope[] {
  return [...new Set(roles.flatMap((role) => ROLE_SCOPES[role]))].sort();
}
