// Sets of roles that one person cannot have: the server says the same, later.

export const PERSON_ROLES = ['reviewer', 'supervisor', 'privacy', 'auditor', 'admin'] as const;
const SEPARATE: readonly string[] = ['privacy', 'auditor', 'admin'];

/** Whether one person can have these roles: one of the separate ones alone, or those that work with calls. */
export function areRolesPossible(roles: readonly string[]): boolean {
  return roles.length > 0 && (roles.length === 1 || !roles.some((role) => SEPARATE.includes(role)));
}

/** The roles that are removed where nothing else changes; null where anything is given. */
export function removedOnly(before: readonly string[], after: readonly string[]): string[] | null {
  const gone = before.filter((role) => !after.includes(role));
  return gone.length > 0 && after.length > 0 && after.every((role) => before.includes(role)) ? gone : null;
}
