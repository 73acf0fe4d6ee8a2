// What a process does by its role: with separate roles, each process needs only its part of the key service and the store.
import { DUTIES, type Duty, type ProcessRole } from '../../model/duties.ts';

/**
 * Whether a process of this role reads or writes blobs: missing store permissions must not make another role unready.
 */
export function usesStore(role: ProcessRole): boolean {
  return DUTIES[role].some((duty) => duty !== 'catalogue');
}

/** Whether a process of this role has this duty. */
export function hasDuty(role: ProcessRole, duty: Duty): boolean {
  return DUTIES[role].includes(duty);
}
