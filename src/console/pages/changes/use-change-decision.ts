// Approving a change, which the passkey signs, and denying it, which asks for the passkey first.
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { signChange } from '../../api/change-signature.ts';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { useRefetch } from '../../api/query-client.ts';
import { stepUp } from '../../api/step-up.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { useWitness } from './clock-witness.tsx';
import type { OneChange } from './queries.ts';

/** Queries that a change can be about. */
const CHANGED = [
  ...['settings', 'people', 'policies', 'policy', 'teams', 'retention', 'expiry', 'subject-requests'],
] as const;

/** `failed` is a rejected or cancelled passkey, shown next to the button; other errors are notifications. */
export function useChangeDecision({ id, kind }: Pick<OneChange, 'id' | 'kind'>) {
  const { t } = useTranslation('changes');
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const agrees = useWitness({ kind });
  const onError = (error: Error): void => {
    if (problemOf(error) !== null) notifyProblem(error);
  };
  const isPasskeys = (error: Error | null): boolean => error !== null && problemOf(error) === null;
  const onSettled = () => refetchQueries('changes', ...CHANGED);
  const approve = useMutation({
    mutationFn: async () => {
      // The clock may have been set since it was shown.
      if (!(await agrees())) return false;
      await signChange(id, 'approve', keyFor([id, 'approve']));
      return true;
    },
    onSuccess: (isSigned) => {
      if (isSigned) notify(t('approved'));
    },
    onError,
    onSettled,
  });
  const refuse = useMutation({
    // Null of a change of the deployment, which has no key to seal a reason with.
    mutationFn: async (reason: string | null) => {
      await stepUp();
      const body = reason === null ? {} : { reason };
      await fetchJson('POST', `/v1/changes/${id}/refuse`, { body, key: keyFor([id, 'refuse', reason ?? '']) });
    },
    onSuccess: () => notify(t('refused')),
    onError,
    onSettled,
  });
  return { approve, refuse, failed: { approve: isPasskeys(approve.error), refuse: isPasskeys(refuse.error) } };
}
