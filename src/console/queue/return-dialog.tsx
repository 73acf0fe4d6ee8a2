// The reason for which a call is returned to who assigned it.
import { useTranslation } from 'react-i18next';
import { ReasonModal } from '../components/reason-modal.tsx';
import { useWords } from '../i18n/use-words.ts';
import type { QueuedCall } from './types.ts';
import type { useFinish } from './use-finish.ts';

type Props = {
  readonly call: Pick<QueuedCall, 'id' | 'batch'>;
  readonly finish: ReturnType<typeof useFinish>;
  readonly close: () => void;
  readonly returned: () => void;
};

export function ReturnDialog({ call, finish: { giveBack }, close, returned }: Props) {
  const { t } = useTranslation('queue');
  const name = useWords().person(call.batch.maker.name);
  const submit = (reason: string): void => {
    const onSuccess = (): void => {
      close();
      returned();
    };
    giveBack.mutate({ grant: call.id, reason }, { onSuccess });
  };
  return (
    <ReasonModal
      opened
      close={close}
      title={t('return_title')}
      text={t('return_text', { name })}
      hint={t('return_hint', { name })}
      act={t('return_now')}
      busy={giveBack.isPending}
      submit={submit}
    />
  );
}
