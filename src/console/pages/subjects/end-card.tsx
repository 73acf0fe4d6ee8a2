// After the approval: what is being done and what waits, then the certificate, the package and the answer that was sent.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Award, CircleCheck, CircleX, Send, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, newIdempotencyKey, send } from '../../api/client.ts';
import { useRefetch } from '../../api/query-client.ts';
import { ConfirmDialog } from '../../components/confirm.tsx';
import { notify, notifyProblem } from '../../components/notify.ts';
import { saveFile } from '../../components/save-file.ts';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { OutcomeCounts } from '../../subjects/outcome-counts.tsx';
import { isBeingErased } from '../../subjects/outcomes.ts';
import { foundRecordingsQuery } from '../../subjects/queries.ts';
import { stageOf } from '../../subjects/stage.ts';
import type { SubjectRequest } from '../../subjects/types.ts';
import { Copies } from './copies.tsx';

type Props = { readonly request: SubjectRequest; readonly manages: boolean };

export function EndCard({ request, manages }: Props) {
  const { t } = useTranslation('subjects');
  const { refusal, recordings, ended } = request;
  const isDone = stageOf(request) !== 'doing';
  if (request.state === 'refused') return <Rejected request={request} />;
  return (
    <section className="card decide" aria-labelledby="end-title">
      <div className="pad stack">
        <h2 id="end-title" className="row">
          {isDone ? <CircleCheck className="i yes" /> : <span className="spin" />}
          <Title request={request} isDone={isDone} />
        </h2>
        {isDone ? null : <Progress request={request} />}
        {refusal === null ? <OutcomeCounts counts={recordings.outcomes} /> : null}
        {isDone ? null : <Blocked request={request} />}
        {isDone ? <Files request={request} manages={manages} /> : null}
        {isDone && ended === null && manages ? <Sent request={request} /> : null}
      </div>
      {isDone && ended === null ? <p className="decide-foot">{t('progress.next')}</p> : null}
    </section>
  );
}

function Title({ request: { ended }, isDone }: Pick<Props, 'request'> & { readonly isDone: boolean }) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  if (ended !== null) return t('progress.answered', { day: format.date(ended) });
  return t(isDone ? 'progress.all' : 'progress.title');
}

function Rejected({ request: { refusal, ended } }: Pick<Props, 'request'>) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  return (
    <section className="card pad stack g3" aria-labelledby="end-title">
      <h2 id="end-title" className="row">
        <CircleX className="i mute" />
        {t('progress.refused', { day: ended === null ? '' : format.date(ended) })}
      </h2>
      {refusal === null ? null : (
        <p>
          <b>{t(`ground.${refusal.ground}`)}</b>
          <br />
          <UserText text={refusal.reason} />
        </p>
      )}
      <p className="dim small">{t('progress.refused_text')}</p>
    </section>
  );
}

function Progress({ request: { recordings } }: Pick<Props, 'request'>) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  const text = t('progress.text', { done: format.number(recordings.done), found: format.number(recordings.found) });
  return (
    <div className="stack g1">
      <progress className="done-bar" value={recordings.done} max={recordings.found} aria-label={text} />
      <p className="dim" role="status">
        {text}
      </p>
    </div>
  );
}

function Blocked({ request }: Pick<Props, 'request'>) {
  const { t } = useTranslation('subjects');
  const { data = [] } = useQuery(foundRecordingsQuery(request));
  const count = data.filter(({ blocked, done }) => blocked !== null && done === null).length;
  if (count === 0) return null;
  return (
    <div className="row dotted blocked">
      <TriangleAlert className="i wait" />
      <p>
        <b>{t('progress.blocked', { count })}</b>
        <br />
        <span className="dim">{t('progress.blocked_text')}</span>
      </p>
    </div>
  );
}

function Files({ request, manages }: Props) {
  const { t } = useTranslation('subjects');
  const { id, recordings, person } = request;
  const { data } = useQuery(foundRecordingsQuery(request));
  // A certificate says that all is deleted, which takes some minutes.
  const isEarly = data === undefined || data.some(isBeingErased);
  const certificate = useMutation({
    mutationFn: async () => (await send('GET', `/v1/subject-requests/${id}/certificate`)).text(),
    onSuccess: (note) => saveFile(`callvault-${id}.certificate.txt`, note, 'text/plain'),
    onError: notifyProblem,
  });
  const copies = person.copies && (recordings.outcomes.copy ?? 0) > 0;
  return (
    <ul className="stack g3">
      {(recordings.outcomes.erase ?? 0) === 0 ? null : (
        <li className="row g3">
          <button
            type="button"
            className="btn"
            disabled={isEarly || certificate.isPending}
            onClick={() => certificate.mutate()}
          >
            <Award className="i s" />
            {t('progress.certificate')}
          </button>
          <span className="dim small">{t(isEarly ? 'progress.certificate_early' : 'progress.certificate_hint')}</span>
        </li>
      )}
      {copies ? <Copies request={request} manages={manages} /> : null}
    </ul>
  );
}

/** The last step ends the request: it is confirmed. */
function Sent({ request: { id } }: Pick<Props, 'request'>) {
  const { t } = useTranslation('subjects');
  const refetchQueries = useRefetch();
  const [asking, setAsking] = useState(false);
  const answer = useMutation({
    mutationFn: () => fetchJson('POST', `/v1/subject-requests/${id}/answer`, { body: {}, key: newIdempotencyKey() }),
    onSuccess: () => notify(t('progress.sent')),
    onError: notifyProblem,
    onSettled: async () => {
      setAsking(false);
      await refetchQueries('subject-requests');
    },
  });
  return (
    <>
      <button type="button" className="btn p l" onClick={() => setAsking(true)}>
        <Send className="i" />
        {t('progress.send')}
      </button>
      {asking ? (
        <ConfirmDialog
          title={t('progress.send_title')}
          act={t('progress.send')}
          busy={answer.isPending}
          onClose={() => setAsking(false)}
          onAct={() => answer.mutate()}
        >
          <p>{t('progress.send_text')}</p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}
