// Pausing expiry, which one person does at once, and proposing to resume it, which another person approves.
import { Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ExpiryBody } from '../../../http/reply-types.ts';
import { proposeChange } from '../../api/change-signature.ts';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { can, useMe } from '../../api/current-user.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import { useRefetch } from '../../api/query-client.ts';
import { ConfirmDialog } from '../../components/confirm.tsx';
import { notify, notifyProblem } from '../../components/notify.ts';
import { ReasonForm } from '../../components/reason-form.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useDueText } from './use-due-text.ts';

export function ExpiryActions({ expiry }: { readonly expiry: ExpiryBody }) {
  const me = useMe();
  if (expiry.state === 'running') return can(me, 'expiry.pause') ? <Pause /> : null;
  if (expiry.state === 'no_rules' || !can(me, 'change.read')) return null;
  return <Resume expiry={expiry} />;
}

function Pause() {
  const { t } = useTranslation('retentionPage');
  const refetchQueries = useRefetch();
  const [asking, { open, close }] = useDisclosure(false);
  const pause = useMutation({
    mutationFn: () => fetchJson('POST', '/v1/expiry/pause'),
    onSuccess: () => notify(t('paused_now')),
    onError: notifyProblem,
    onSettled: async () => {
      close();
      await refetchQueries('expiry');
    },
  });
  return (
    <div>
      <button type="button" className="btn s" onClick={open}>
        {t('pause')}
      </button>
      {asking ? (
        <ConfirmDialog
          title={t('pause_title')}
          act={t('pause_act')}
          busy={pause.isPending}
          onClose={close}
          onAct={() => pause.mutate()}
        >
          <p>{t('pause_text')}</p>
        </ConfirmDialog>
      ) : null}
    </div>
  );
}

/** The proposal that waits; or a button to propose, for those who may. */
function Resume({ expiry }: { readonly expiry: ExpiryBody }) {
  const { t } = useTranslation('retentionPage');
  const me = useMe();
  const words = useWords();
  const { data } = useQuery(waitingChangesQuery);
  const [asking, { open, close }] = useDisclosure(false);
  if (data === undefined) return null;
  const waiting = data.data.find(({ kind, tenant }) => kind === 'resume' && tenant === me.tenant.id);
  if (waiting !== undefined)
    return (
      <p className="dim">
        {t('resume_waits', { name: words.person(waiting.proposer_name) })}{' '}
        <Link to="/changes/$id" params={{ id: waiting.id }} className="link">
          {t('resume_review')}
        </Link>
      </p>
    );
  if (!can(me, 'expiry.pause')) return null;
  return (
    <div>
      <button type="button" className="btn s" onClick={open}>
        {t('resume')}
      </button>
      <Modal opened={asking} onClose={close} title={t('resume_title')} closeButtonProps={{ 'aria-label': t('cancel') }}>
        <ResumeForm expiry={expiry} close={close} />
      </Modal>
    </div>
  );
}

function ResumeForm({ expiry, close }: { readonly expiry: ExpiryBody; readonly close: () => void }) {
  const { t } = useTranslation('retentionPage');
  const dueText = useDueText();
  const navigate = useNavigate();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const propose = useMutation({
    mutationFn: (note: string) => {
      const body = { kind: 'resume', note };
      return proposeChange(body, keyFor(body));
    },
    onSuccess: async ({ id, isSigned }) => {
      if (isSigned) notify(t('proposed'));
      close();
      await navigate({ to: '/changes/$id', params: { id } });
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('changes', 'expiry'),
  });
  return (
    <ReasonForm
      signs
      act={t('propose_now')}
      busy={propose.isPending}
      close={close}
      submit={(note) => propose.mutate(note)}
    >
      <p>{t('resume_text', { count: expiry.due, number: dueText(expiry.due) })}</p>
    </ReasonForm>
  );
}
