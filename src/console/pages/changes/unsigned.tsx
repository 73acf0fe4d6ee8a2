// Said to a proposer whose passkey has not signed the change yet: sign it, or propose it again.
import { useMutation } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { signChange } from '../../api/change-signature.ts';
import { useMe } from '../../api/current-user.ts';
import { problemOf } from '../../api/problem.ts';
import { useRefetch } from '../../api/query-client.ts';
import { NoPasskey } from '../../components/no-passkey.tsx';
import { notify, notifyProblem } from '../../components/notify.ts';
import { StateCard } from '../../components/state-card.tsx';
import { PasskeyFailed } from '../approvals/passkey-failed.tsx';
import { ClocksApart, useIsUnwitnessed, useWitness } from './clock-witness.tsx';
import type { OneChange } from './queries.ts';
import { shortDigest } from './short-digest.ts';

export function Unsigned({ change }: { readonly change: OneChange }) {
  const { t } = useTranslation('changes');
  const { passkeys } = useMe();
  const refetchQueries = useRefetch();
  const isUnwitnessed = useIsUnwitnessed(change);
  const agrees = useWitness(change);
  const sign = useMutation({
    mutationFn: async () => {
      // The clock may have been set since it was shown.
      if (!(await agrees())) return false;
      await signChange(change.id, 'sign');
      return true;
    },
    onSuccess: (isSigned) => {
      if (isSigned) notify(t('proposed'));
    },
    onError: (error) => {
      if (problemOf(error) !== null) notifyProblem(error);
    },
    onSettled: () => refetchQueries('changes', 'policies', 'retention', 'subject-requests'),
  });
  if (change.leaf_hash === null)
    return (
      <StateCard icon={KeyRound} tone="wait" title={t('unsigned')}>
        {t('unsigned_older')}
      </StateCard>
    );
  if (isUnwitnessed) return <ClocksApart />;
  if (passkeys.length === 0) return <NoPasskey />;
  const failed = sign.error !== null && problemOf(sign.error) === null;
  return (
    <StateCard
      icon={KeyRound}
      tone="wait"
      title={t('unsigned')}
      action={
        <button type="button" className="btn s p" disabled={sign.isPending} onClick={() => sign.mutate()}>
          {t('sign')}
        </button>
      }
    >
      <p>{t('unsigned_text', { digest: shortDigest(change) })}</p>
      {failed ? <PasskeyFailed /> : null}
    </StateCard>
  );
}
