// Queue of requests that wait for this person's decision, in their chosen order.
import { useQuery } from '@tanstack/react-query';
import { useMe } from '../../api/current-user.ts';
import { waitingQuery } from '../../api/queries.ts';
import type { AccessRequestView } from '../../api/types.ts';

export const ORDERS = ['expiring', 'oldest', 'newest'] as const;
export type Order = (typeof ORDERS)[number];

function compare(order: Order): (one: AccessRequestView, other: AccessRequestView) => number {
  if (order === 'expiring') return (one, other) => one.expires.localeCompare(other.expires);
  if (order === 'oldest') return (one, other) => one.created.localeCompare(other.created);
  return (one, other) => other.created.localeCompare(one.created);
}

/** Waiting requests of other people. */
export function useQueue(order: Order) {
  const { principal } = useMe();
  const list = useQuery(waitingQuery);
  const requests = (list.data?.data ?? []).filter(({ requester }) => requester !== principal.id).sort(compare(order));
  return { list, requests };
}

/** Number of approvals so far. */
export function approvalCount({ decisions }: Pick<AccessRequestView, 'decisions'>): number {
  return decisions.filter(({ decision }) => decision === 'approve').length;
}
