// Making a batch: the service says what is signed, the person's passkey signs it, and each call has an outcome.
import { startAuthentication } from '@simplewebauthn/browser';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { refetchQueries } from '../../api/query-client.ts';
import { notifyProblem } from '../../components/notify.ts';
import { refreshRow } from '../recordings/use-recordings.ts';
import type { MadeBatch, OpenedBatch, WantedCall } from './types.ts';

type Batch = {
  readonly grants: readonly (WantedCall & { readonly reviewer: string })[];
  readonly purpose: string;
  readonly objects: readonly string[];
  readonly due: string;
  readonly reason: string;
};

/** A call that was not assigned, and why. */
export type RefusedCall = { readonly recording: string; readonly code: string };
export type Assigned = { readonly count: number; readonly refused: readonly RefusedCall[] };

type OptionsJson = Parameters<typeof startAuthentication>[0]['optionsJSON'];

/** `failed`: the passkey was rejected or cancelled, which is shown next to the button. */
export function useAssign(assigned: (made: Assigned) => void) {
  const client = useQueryClient();
  const keyFor = useIdempotencyKey();
  const assign = useMutation({
    mutationFn: async ({ reason, ...wanted }: Batch): Promise<Assigned> => {
      const opened = await fetchJson<OpenedBatch>('POST', '/v1/batches/options', { body: wanted });
      const response = await startAuthentication({ optionsJSON: opened.options as unknown as OptionsJson });
      const { grants, purpose, objects, due, challenge_id, refused } = opened;
      const body = { grants, purpose, objects, due, reason, proof: { challenge_id, response } };
      const made = await fetchJson<MadeBatch>('POST', '/v1/batches', { body, key: keyFor([grants, reason]) });
      const later = made.outcomes.filter(({ outcome }) => outcome === 'refused');
      return {
        count: made.outcomes.length - later.length,
        refused: [...refused, ...later].map(({ recording, code }) => ({ recording, code: code ?? '' })),
      };
    },
    onSuccess: (made, { grants }) => {
      assigned(made);
      for (const { recording } of grants) void refreshRow(client, recording).catch(() => undefined);
    },
    onError: (error) => {
      if (problemOf(error) !== null) notifyProblem(error);
    },
    onSettled: () => refetchQueries(client, 'batches', 'reviewers', 'batch-check'),
  });
  return { assign, failed: assign.error !== null && problemOf(assign.error) === null };
}
