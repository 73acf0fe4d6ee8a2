// The permission table: who may do what. Pure; every route names one of its actions.
import { type Check, check, passes } from './check.ts';
import { type Caller, type PrincipalKind, ROLES, type Role, type Scope } from './principal.ts';

/**
 * One line of the table: the roles that may, and the scope that their API key needs; null: any key. `deployment`: the roles
 * of people of the deployment that may; by default none, although a tenant's people have the same role. `services`: the
 * roles of services that may; by default none.
 */
export type Permission = {
  readonly roles: readonly Role[];
  readonly scope: Scope | null;
  readonly deployment?: readonly Role[];
  readonly services?: readonly Role[];
};

const TABLE = {
  'recording.deposit': { roles: ['uploader'], scope: 'ingest', services: ['uploader'] },
  'call-list.send': { roles: ['uploader', 'lists'], scope: 'ingest', services: ['uploader', 'lists'] },
  'completeness.read': {
    roles: ['uploader', 'lists', 'privacy', 'admin'],
    scope: null,
    services: ['uploader', 'lists'],
  },
  'recording.read': { roles: ['reviewer', 'supervisor', 'privacy'], scope: 'read' },
  'recording.correct': { roles: ['supervisor', 'privacy'], scope: 'correct' },
  'access.explain': { roles: ['reviewer', 'supervisor', 'privacy'], scope: 'read' },
  'access.request': { roles: ['reviewer', 'supervisor', 'privacy'], scope: 'request' },
  'access.read': { roles: ['reviewer', 'supervisor', 'privacy'], scope: 'request' },
  'access.decide': { roles: ['supervisor'], scope: 'decide' },
  'batch.make': { roles: ['supervisor'], scope: 'decide' },
  'assignment.read': { roles: ['reviewer', 'supervisor', 'privacy'], scope: 'request' },
  'assignment.finish': { roles: ['reviewer', 'supervisor', 'privacy'], scope: 'listen' },
  'grant.revoke': { roles: ['reviewer', 'supervisor', 'privacy'], scope: 'request' },
  'change.read': { roles: ['privacy', 'auditor', 'admin', 'operator'], scope: null, deployment: ['operator'] },
  'change.propose': { roles: ['privacy', 'admin'], scope: null },
  'change.decide': { roles: ['privacy', 'admin', 'operator'], scope: null, deployment: ['operator'] },
  'expiry.pause': { roles: ['privacy'], scope: null },
  // Titles of holds are privileged: not for everyone who reads recordings.
  'lifetime.read': { roles: ['privacy', 'auditor', 'admin'], scope: null },
  'hold.place': { roles: ['privacy'], scope: 'correct' },
  'settings.read': { roles: ['privacy', 'auditor', 'admin'], scope: null },
  'certificate.issue': { roles: ['privacy', 'auditor'], scope: null },
  'subject.manage': { roles: ['privacy'], scope: null },
  // It opens recordings, each as a listening session.
  'subject.copy': { roles: ['privacy'], scope: 'listen' },
  'basis.change': { roles: ['privacy'], scope: 'correct' },
  'people.read': { roles: ['supervisor', 'auditor', 'admin'], scope: null, deployment: ['auditor'] },
  'people.sign-out': { roles: ['admin'], scope: 'admin' },
  'people.import': { roles: ['admin'], scope: null },
  'team.read': { roles: ['supervisor', 'privacy', 'admin'], scope: null },
  'people.remove': { roles: ['admin'], scope: 'admin' },
  'api-key.read': { roles: ['admin'], scope: 'admin' },
  'api-key.revoke': { roles: ['admin'], scope: 'admin' },
  'recording.activity': { roles: ['reviewer', 'supervisor', 'privacy', 'auditor'], scope: null },
  'recording.lifetime': { roles: ['reviewer', 'supervisor', 'privacy', 'auditor'], scope: null },
  'session.open': { roles: ['reviewer', 'supervisor', 'privacy'], scope: 'listen' },
  'session.use': { roles: ['reviewer', 'supervisor', 'privacy'], scope: 'listen' },
  'log.read': { roles: ['auditor'], scope: 'audit', deployment: ['auditor'], services: ['auditor'] },
  // Decoded, with names and what people wrote.
  'log.activity': { roles: ['auditor'], scope: 'audit', deployment: ['auditor'] },
  'log.prove': { roles: ROLES, scope: null, deployment: ROLES, services: ROLES },
  'keys.read': { roles: ['operator'], scope: 'operate', deployment: ['operator'] },
  'self.read': { roles: ROLES, scope: null, deployment: ROLES, services: ROLES },
} as const satisfies Record<string, Permission>;

/** Actions that a caller can request. */
export type Action = keyof typeof TABLE;

/** The roles that may do this, and the scope that a key needs. */
export function permissionFor(action: Action): Permission {
  return TABLE[action];
}

/** Who asks: by default a person of a tenant. */
type Asking = Pick<Caller, 'roles' | 'scopes'> & { readonly tenant?: string; readonly kind?: PrincipalKind };

/** Whether this caller has a role that may do this, and a key with the scope for it. */
export function permissionChecks(caller: Asking, action: Action): Check[] {
  const { roles: ofPeople, scope, deployment = [], services = [] } = permissionFor(action);
  const ofTenants = caller.kind === 'service' ? services : ofPeople;
  const roles = caller.tenant === 'deployment' ? deployment : ofTenants;
  return [
    check(
      'role',
      caller.roles.some((role) => roles.includes(role)),
      'role_needed',
      // What services may not do at all, people with these roles may.
      { detail: roles.length === 0 ? `${ofPeople.join(', ')} (people)` : roles.join(', ') },
    ),
    check('scope', scope === null || caller.scopes.includes(scope), 'scope_needed', { detail: scope ?? '' }),
  ];
}

/** Whether the table allows this caller the action at all; the policy may still deny it. */
export function may(caller: Asking, action: Action): boolean {
  return passes(permissionChecks(caller, action));
}

/** Every action this caller may request, in table order: what a console offers. */
export function actionsOf(caller: Asking): Action[] {
  return (Object.keys(TABLE) as Action[]).filter((action) => may(caller, action));
}
