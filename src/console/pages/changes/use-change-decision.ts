// Approving a change, which the passkey signs, and denying it, which asks for the passkey first.
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { signChange } from '../../api/change-signature.ts';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { useRefetch } from '../../api/query-client.ts';
import { stepUp } from '../../api/step-up.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import type { OneChange } from './queries.ts';

/** Queries that a change can be about. */
const CHANGED = [
  ...['settings', 'people', 'policies', 'policy', 'teams', 'retention', 'expiry', 'subject-requests'],
] as const;

/** `failed` is a rejected or cancelled passkey, shown next to the button; other errors are notifications. */
export function useChangeDecision({ id }: Pick<OneChange, 'id'>) {
  const { t } = useTranslation('changes');
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const onError = (error: Error): void => {
    if (problemOf(error) !== null) notifyProblem(error);
  };
  const isPasskeys = (error: Error | null): boolean => error !== null && problemOf(error) === null;
  const onSettled = () => refetchQueries('changes', ...CHANGED);
  const approve = useMutation({
    mutationFn: async () => {
      await signChange(id, 'approve', keyFor([id, 'approve']));
    },
    onSuccess: () => notify(t('approved')),
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
