// A sign-in link that was opened: used at once where nobody is signed in, and otherwise only once the person says so.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { fetchJson } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { meQuery } from '../../api/queries.ts';
import type { Me } from '../../api/types.ts';
import { useStore } from '../../state/store.ts';
import { linkSecret } from './link-secret.ts';

export type OpenedLink = {
  /** Who is signed in in this browser already, where a link was opened here. */
  readonly signedInAs: Me | undefined;
  /** Whether the link waits for the person's word. */
  readonly awaitsConfirmation: boolean;
  /** Whether it is being found out who is signed in, or the link is being used. */
  readonly busy: boolean;
  /** Why the link does not work. */
  readonly refused: Error | null;
  /** The service said nothing about it: it can be tried again. */
  readonly unanswered: { readonly error: Error; readonly again: () => void } | null;
  readonly confirm: () => void;
  /** Lets go of the link, unused. */
  readonly discard: () => void;
};

/** The link this page was opened by. One that a colleague sends must not make the reader somebody else unasked. */
export function useSignInLink(enter: (me: Me) => Promise<void>): OpenedLink {
  const secret = useStore(linkSecret);
  const use = useMutation({
    mutationFn: (link: string) => fetchJson<Me>('POST', '/v1/sign-in/link', { body: { secret: link } }),
    onSuccess: enter,
  });
  // Found out once: whoever is being asked is not signed in over their head because their own sign-in ends meanwhile.
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

/** Whether the service itself refused, and did not merely fail to be there. */
function isRefusal(error: Error | null): boolean {
  const status = problemOf(error)?.status ?? 0;
  return error !== null && status >= 400 && status < 500;
}
