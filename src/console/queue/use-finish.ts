// Finishing a call of the queue: done, or returned with a reason.
import { useMutation } from '@tanstack/react-query';
import { fetchJson, useIdempotencyKey } from '../api/client.ts';
import { useRefetch } from '../api/query-client.ts';
import { notifyProblem } from '../components/notify.ts';

/** The second press of a double press must not finish the next call. */
const PAUSE_MS = 700;
/** Of the whole window: the next call may be on another page. */
let finishedAt = Number.NEGATIVE_INFINITY;

/** Marks a call as done, or returns it. `ready`: not while one is under way, nor just after it. */
export function useFinish() {
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const after = {
    onSuccess: () => {
      finishedAt = performance.now();
    },
    onError: notifyProblem,
    // Not awaited: the next call need not wait for it.
    onSettled: () => void refetchQueries('queue', 'grants', 'recordings'),
  };
  const done = useMutation({
    mutationFn: (grant: string) => fetchJson('POST', `/v1/grants/${grant}/done`, { key: keyFor([grant, 'done']) }),
    ...after,
  });
  const giveBack = useMutation({
    mutationFn: ({ grant, reason }: { readonly grant: string; readonly reason: string }) =>
      fetchJson('POST', `/v1/grants/${grant}/return`, { body: { reason }, key: keyFor([grant, reason]) }),
    ...after,
  });
  const isReady = (): boolean => !done.isPending && !giveBack.isPending && performance.now() - finishedAt > PAUSE_MS;
  return { done, giveBack, isReady };
}
