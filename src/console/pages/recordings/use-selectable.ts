// Which recordings the person can select: to request access to them, or to assign them to reviewers.
import { useCallback } from 'react';
import { can, useMe } from '../../api/current-user.ts';
import type { Recording } from '../../api/types.ts';
import { isRequestable } from './access-summary.ts';

type Selectable = Pick<Recording, 'state' | 'access'>;

/** Whether the recording can be assigned: it exists with its content. The service checks the rest for each reviewer. */
export function isAssignable({ state }: Pick<Recording, 'state'>): boolean {
  return state === 'available';
}

/** Whether a recording can be selected; stable until the person's permissions change. */
export function useSelectable(): (recording: Selectable) => boolean {
  const assigns = can(useMe(), 'batch.make');
  return useCallback((recording) => isRequestable(recording) || (assigns && isAssignable(recording)), [assigns]);
}
