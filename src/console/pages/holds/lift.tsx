// Proposing to lift a hold, or to take recordings out of it: another person approves.
import { Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { proposeChange } from '../../api/change-signature.ts';
import { useIdempotencyKey } from '../../api/client.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import { useRefetch } from '../../api/query-client.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { ReasonForm } from '../../components/reason-form.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import type { Hold } from './queries.ts';

type Props = {
  readonly hold: Hold;
  /** Null: all of them, and the hold ends. */
  readonly recordings: readonly string[] | null;
  readonly close: () => void;
  readonly done: () => void;
};

export function LiftButton({ hold }: { readonly hold: Hold }) {
  const { t } = useTranslation('holds');
  const [opened, { open, close }] = useDisclosure(false);
  const waiting = useQuery(waitingChangesQuery);
  // A second proposal of the same would only grow stale.
  if (waiting.data?.data.some(({ lift }) => lift?.hold === hold.id) !== false) return null;
  return (
    <>
      <button type="button" className="btn" onClick={open}>
        {t('lift')}
      </button>
      <Modal opened={opened} onClose={close} title={t('lift_title')} closeButtonProps={{ 'aria-label': t('cancel') }}>
        <LiftForm hold={hold} recordings={null} close={close} done={close} />
      </Modal>
    </>
  );
}

export function LiftSome({
  hold,
  recordings,
  done,
}: Omit<Props, 'close'> & { readonly recordings: readonly string[] }) {
  const { t } = useTranslation('holds');
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <button type="button" className="btn s" onClick={open}>
        {t('lift_some', { count: recordings.length })}
      </button>
      <Modal
        opened={opened}
        onClose={close}
        title={t('lift_some_title')}
        closeButtonProps={{ 'aria-label': t('cancel') }}
      >
        <LiftForm hold={hold} recordings={recordings} close={close} done={done} />
      </Modal>
    </>
  );
}

function LiftForm({ hold, recordings, close, done }: Props) {
  const { t } = useTranslation('holds');
  const format = useFormat();
  const navigate = useNavigate();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const count = recordings?.length ?? hold.held;
  const propose = useMutation({
    mutationFn: (note: string) => {
      const body = { kind: 'lift', note, hold: hold.id, ...(recordings === null ? {} : { recordings }) };
      return proposeChange(body, keyFor(body));
    },
    onSuccess: async ({ id, isSigned }) => {
      if (isSigned) notify(t('proposed'));
      done();
      await navigate({ to: '/changes/$id', params: { id } });
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('changes', 'holds'),
  });
  const said = { count, number: format.number(count) };
  return (
    <ReasonForm signs act={t('propose')} busy={propose.isPending} close={close} submit={(note) => propose.mutate(note)}>
      <p>{t(recordings === null ? 'lift_text' : 'lift_some_text', said)}</p>
    </ReasonForm>
  );
}
