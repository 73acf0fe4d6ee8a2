// Sends a decision for approval: what is decided, then the passkey's signature of exactly that.
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { signChange } from '../../../api/change-signature.ts';
import { fetchJson, useIdempotencyKey } from '../../../api/client.ts';
import { problemOf } from '../../../api/problem.ts';
import { useRefetch } from '../../../api/query-client.ts';
import { notify, notifyProblem } from '../../../components/notify.ts';
import type { Outcome, RefusalGround, SubjectRequest, Words } from '../../../subjects/types.ts';

export type Decided = {
  readonly note: string;
  readonly outcomes?: readonly { readonly recording: string; readonly outcome: Outcome }[];
  readonly words?: Words;
  /** For how many hours, and in how many downloads, the sender makes the copies. */
  readonly copies?: { readonly hours: number; readonly downloads: number };
  readonly refusal?: { readonly ground: RefusalGround; readonly reason: string };
};

/** Where the passkey is cancelled or missing, the decision waits for the signature on this page. */
export function useSendDecision({ id }: Pick<SubjectRequest, 'id'>, close: () => void) {
  const { t } = useTranslation('subjects');
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  return useMutation({
    mutationFn: async (body: Decided) => {
      const path = `/v1/subject-requests/${id}/decision`;
      const { change } = await fetchJson<SubjectRequest>('POST', path, { body, key: keyFor([path, body]) });
      if (change === null) return false;
      try {
        await signChange(change.id, 'sign');
        return true;
      } catch (error) {
        const problem = problemOf(error);
        if (problem !== null && problem.code !== 'conflict') throw error;
        return false;
      }
    },
    onSuccess: (isSigned) => {
      if (isSigned) notify(t('decision.sent'));
      close();
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('subject-requests', 'changes'),
  });
}
