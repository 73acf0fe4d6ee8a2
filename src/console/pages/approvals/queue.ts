// Queue of requests that wait for this person's decision, in their chosen order.
import { useQuery } from '@tanstack/react-query';
import { useMe } from '../../api/current-user.ts';
import { waitingQuery } from '../../api/queries.ts';
import type { AccessRequestView, ListedRequest } from '../../api/types.ts';

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

/** Requests that one person made for one reason: they are decided together. */
export type RequestGroup = { readonly id: string; readonly requests: readonly ListedRequest[] };

/** Groups of requests, in the order of the first of each. */
export function groupRequests(requests: readonly ListedRequest[]): readonly RequestGroup[] {
  const groups = new Map<string, ListedRequest[]>();
  for (const request of requests) {
    const { requester, purpose, reason, ticket } = request;
    const key = JSON.stringify([requester, purpose, reason, ticket]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [request]);
    else group.push(request);
  }
  return [...groups.values()].map((all) => ({ id: all[0]?.id ?? '', requests: all }));
}

/** How many requests of a group have the same number as this one, itself included; null where no other has. */
export function sameNumberCount(group: readonly ListedRequest[], { same_number: same }: ListedRequest): number | null {
  const count = same === null ? 0 : group.filter((one) => one.same_number === same).length;
  return count < 2 ? null : count;
}

/** Number of approvals so far. */
export function approvalCount({ decisions }: Pick<AccessRequestView, 'decisions'>): number {
  return decisions.filter(({ decision }) => decision === 'approve').length;
}
