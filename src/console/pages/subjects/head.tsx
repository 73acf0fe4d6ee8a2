// Heading of a request: what is asked by whom, how it came, who looks after it, and when the answer is due.
import { Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight, FileText, Hourglass, Repeat, User } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, useIdempotencyKey } from '../../api/client.ts';
import { can, useMe } from '../../api/current-user.ts';
import { useRefetch } from '../../api/query-client.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { ReasonForm } from '../../components/reason-form.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { SubjectRequest } from '../../subjects/types.ts';
import { useSubjectWords } from '../../subjects/use-subject-words.ts';

type Props = { readonly request: SubjectRequest };

export function Head({ request }: Props) {
  const { t } = useTranslation('subjects');
  const { t: shell } = useTranslation('shell');
  const format = useFormat();
  const words = useWords();
  const said = useSubjectWords();
  const { person, received } = request;
  const facts = [
    { icon: FileText, text: t(`came.${person.channel}`, { day: format.date(received) }) },
    { icon: User, text: t('manager', { name: words.person(request.manager_name) }) },
    ...(request.withdrawn ? [{ icon: Repeat, text: t('withdrawn') }] : []),
  ];
  return (
    <header className="stack g1">
      <nav className="crumb" aria-label={shell('crumbs')}>
        <Link to="/subject-requests">{t('title')}</Link>
        <ChevronRight className="i" />
        <span className="mono">{request.id.slice(0, 14)}…</span>
      </nav>
      <div className="head mid subject-head">
        <div>
          <h1>
            <UserText text={t('heading', { kinds: said.kinds(request), person: said.person(request) })} />
          </h1>
          <p className="facts">
            {facts.map(({ icon: Icon, text }) => (
              <span key={text}>
                <Icon className="i s" />
                <UserText text={text} />
              </span>
            ))}
          </p>
        </div>
        <span className="grow" />
        <DueTag request={request} />
        <ExtendButton request={request} />
      </div>
    </header>
  );
}

function DueTag({ request }: Props) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  const { long, tone } = useSubjectWords().due(request);
  if (request.ended !== null)
    return <span className="tag due-tag">{t('due', { day: format.dayMonth(request.due) })}</span>;
  return (
    <span className={tone === 'overdue' ? 'tag no due-tag' : 'tag wait due-tag'}>
      <Hourglass className="i" />
      {long}
    </span>
  );
}

function ExtendButton({ request }: Props) {
  const { t } = useTranslation('subjects');
  const me = useMe();
  const format = useFormat();
  const refetchQueries = useRefetch();
  const keyFor = useIdempotencyKey();
  const [opened, setOpened] = useState(false);
  const extend = useMutation({
    mutationFn: (reason: string) => {
      const path = `/v1/subject-requests/${request.id}/extend`;
      return fetchJson('POST', path, { body: { reason }, key: keyFor([path, reason]) });
    },
    onSuccess: () => {
      setOpened(false);
      notify(t('extend_done'));
    },
    onError: notifyProblem,
    onSettled: () => refetchQueries('subject-requests'),
  });
  if (request.extended !== null)
    return <span className="dim small nw">{t('extended', { day: format.dayMonth(request.extended) })}</span>;
  if (request.ended !== null || !can(me, 'subject.manage')) return null;
  const close = (): void => setOpened(false);
  return (
    <>
      <button type="button" className="btn" onClick={() => setOpened(true)}>
        {t('extend')}
      </button>
      <Modal
        opened={opened}
        onClose={close}
        title={t('extend_title')}
        closeButtonProps={{ 'aria-label': t('form.cancel') }}
      >
        <ReasonForm
          reasonOnly
          hint={t('extend_hint')}
          act={t('extend_now')}
          busy={extend.isPending}
          close={close}
          submit={(reason) => extend.mutate(reason)}
        >
          <p>{t('extend_text')}</p>
        </ReasonForm>
      </Modal>
    </>
  );
}
