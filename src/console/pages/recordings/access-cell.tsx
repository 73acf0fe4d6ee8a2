// Last column: two lines about the person's access, and one action.
import './access-cell.css';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, newIdempotencyKey } from '../../api/client.ts';
import { serverNow, useCurrentAccess, useNow } from '../../api/server-clock.ts';
import type { Recording } from '../../api/types.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { ListenLink } from '../../player/sound/listen-link.tsx';
import { type AccessSummary, AccessSummaryContext } from './access-summary.ts';
import { refreshRow } from './use-recordings.ts';

const COUNTDOWN_MS = 3_600_000;

export function AccessCell({ recording: listed }: { readonly recording: Recording }) {
  const recording = useCurrentAccess(listed);
  const summary = useContext(AccessSummaryContext)?.(recording);
  if (summary === undefined) return null;
  const { icon: Icon, tone, title, line, until } = summary;
  const counted = until !== undefined && Date.parse(until) - serverNow() < COUNTDOWN_MS;
  return (
    <div className="acc">
      <span className={`st ${tone}`}>
        <Icon className="i" />
      </span>
      <span className="tx">
        <b title={title}>{title}</b>
        {counted ? (
          <TimeLeft purpose={recording.access.purpose ?? ''} until={until} />
        ) : (
          <span title={line}>{line}</span>
        )}
      </span>
      <Action summary={summary} recording={recording} />
    </div>
  );
}

function TimeLeft({ purpose, until }: { readonly purpose: string; readonly until: string }) {
  const { t } = useTranslation('recordings');
  const words = useWords();
  const left = formatClock(Date.parse(until) - useNow(1_000));
  return <span className="num">{t('standing.left', { purpose: words.aPurpose(purpose), left })}</span>;
}

function Action({
  summary: { action },
  recording,
}: {
  readonly summary: AccessSummary;
  readonly recording: Recording;
}) {
  const { t } = useTranslation('recordings');
  const format = useFormat();
  if (action === null) return null;
  const label = t('action.of', { action: t(`action.${action}`), time: format.seconds(recording.started_at) });
  if (action === 'listen')
    return (
      <ListenLink recording={recording.id} className="btn s a" label={label}>
        {t('action.listen')}
      </ListenLink>
    );
  if (action === 'withdraw') return <Withdraw recording={recording} label={label} />;
  return (
    <Link
      to="/recordings/$id/ask"
      params={{ id: recording.id }}
      className={action === 'ask' ? 'btn s' : 'btn s q'}
      aria-label={label}
    >
      {t(`action.${action}`)}
    </Link>
  );
}

function Withdraw({ recording, label }: { readonly recording: Recording; readonly label: string }) {
  const { t } = useTranslation('recordings');
  const client = useQueryClient();
  const withdraw = useMutation({
    mutationFn: () =>
      fetchJson('POST', `/v1/access-requests/${recording.access.request}/cancel`, { key: newIdempotencyKey() }),
    onSuccess: () => notify(t('withdrawn')),
    onError: notifyProblem,
    onSettled: () => refreshRow(client, recording.id),
  });
  return (
    <button
      type="button"
      className="btn s q"
      aria-label={label}
      disabled={withdraw.isPending}
      onClick={() => withdraw.mutate()}
    >
      {t('action.withdraw')}
    </button>
  );
}
