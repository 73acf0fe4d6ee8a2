// Sign-in link in the address: used at once if no one is signed in, or else after confirmation.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { fetchJson } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { meQuery } from '../../api/queries.ts';
import type { Me } from '../../api/types.ts';
import { useStore } from '../../state/store.ts';
import { linkSecret } from './link-secret.ts';

export type OpenedLink = {
  /** The person who is already signed in in this browser. */
  readonly signedInAs: Me | undefined;
  /** Whether the link waits for confirmation. */
  readonly awaitsConfirmation: boolean;
  /** Whether the check for a signed-in person, or the sign-in itself, is in progress. */
  readonly busy: boolean;
  /** Why the link does not work. */
  readonly refused: Error | null;
  /** The service did not respond: the sign-in can be retried. */
  readonly unanswered: { readonly error: Error; readonly again: () => void } | null;
  readonly confirm: () => void;
  /** Discards the unused link. */
  readonly discard: () => void;
};

/**
 * The link that opened this page. Asks first, so that a link from a colleague does not switch the person without their
 * consent.
 */
export function useSignInLink(enter: (me: Me) => Promise<void>): OpenedLink {
  const secret = useStore(linkSecret);
  const use = useMutation({
    mutationFn: (link: string) => fetchJson<Me>('POST', '/v1/sign-in/link', { body: { secret: link } }),
    onSuccess: enter,
  });
  // Checked once: a sign-in that ends while the question is open must not use the link without an answer.
  const once = {
    staleTime: 0,
    refetchInterval: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  } as const;
  const who = useQuery({ ...meQuery, ...once, enabled: secret !== null });
  const found = secret !== null && who.isFetchedAfterMount && !who.isFetching;
  const nobody = found && problemOf(who.error)?.status === 401;
  const { mutate } = use;
  useEffect(() => {
    if (!nobody || secret === null) return;
    linkSecret.set(null);
    mutate(secret);
  }, [nobody, secret, mutate]);
  const isAnswered = isRefusal(use.error);
  const again = (): void => {
    if (use.variables !== undefined) mutate(use.variables);
  };
  const notFound = found && who.isError && !nobody ? { error: who.error, again: () => void who.refetch() } : null;
  return {
    signedInAs: who.isFetchedAfterMount && who.isSuccess ? who.data : undefined,
    awaitsConfirmation: found && who.isSuccess,
    busy: use.isPending || (secret !== null && who.isFetching),
    refused: isAnswered ? use.error : null,
    unanswered: use.error !== null && !isAnswered ? { error: use.error, again } : notFound,
    confirm: () => {
      if (secret === null) return;
      linkSecret.set(null);
      mutate(secret);
    },
    discard: () => linkSecret.set(null),
  };
}

/** Whether the service rejected the link, in contrast to being unreachable. */
function isRefusal(error: Error | null): boolean {
  const status = problemOf(error)?.status ?? 0;
  return error !== null && status >= 400 && status < 500;
}
