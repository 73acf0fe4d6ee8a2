// My queue: the calls that are assigned to the reviewer, the next one beside them; one key from here to its sound.
import './my-queue.css';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, ClipboardCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useShortcuts } from '../../components/use-shortcuts.ts';
import { useTitle } from '../../components/use-title.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { inScreenOrder, laterGrants } from '../../queue/order.ts';
import { finishedQuery, queueQuery } from '../../queue/queries.ts';
import { ReturnDialog } from '../../queue/return-dialog.tsx';
import type { Queue, QueuedCall } from '../../queue/types.ts';
import { useFinish } from '../../queue/use-finish.ts';
import { settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { CallCard, SourceText } from './call-card.tsx';
import { KeysFooter } from './keys-footer.tsx';
import { Progress } from './progress.tsx';
import { FinishedTable, QueueTable } from './queue-table.tsx';
import { Today } from './today.tsx';
import { useActions } from './use-actions.ts';
import { useCurrentCall } from './use-current-call.ts';

export function MyQueuePage() {
  const { t } = useTranslation('queue');
  const queue = useQuery(queueQuery);
  const finished = useQuery(finishedQuery);
  const open = queue.data?.totals.open ?? 0;
  useTitle(open === 0 ? t('title') : t('title_count', { count: open }));
  const failed = [queue, finished].find(({ isError, data }) => isError && data === undefined);
  return (
    <div className="page mq-page">
      <Head queue={queue.data} />
      {failed === undefined ? null : (
        <ErrorCard
          error={failed.error}
          title={t('error')}
          onRetry={() => void Promise.all([queue.refetch(), finished.refetch()])}
        />
      )}
      {failed === undefined && (queue.data === undefined || finished.data === undefined) ? (
        <section className="card">
          <Skeleton rows={6} />
        </section>
      ) : null}
      {queue.data === undefined || finished.data === undefined ? null : (
        <Loaded queue={queue.data} finished={finished.data.data} />
      )}
    </div>
  );
}

function Head({ queue }: { readonly queue: Queue | undefined }) {
  const { t } = useTranslation('queue');
  const format = useFormat();
  return (
    <header className="head mid">
      <h1>{t('title')}</h1>
      {queue === undefined || queue.totals.due === null ? null : (
        <span className="dim">{t('due', { time: format.due(queue.totals.due) })}</span>
      )}
      <span className="grow" />
      {queue === undefined || queue.totals.total === 0 ? null : (
        <Progress done={queue.totals.done} total={queue.totals.total - queue.totals.returned} />
      )}
    </header>
  );
}

type Props = { readonly queue: Queue; readonly finished: readonly QueuedCall[] };

function Loaded({ queue, finished }: Props) {
  const { t } = useTranslation('queue');
  if (queue.data.length === 0 && finished.length === 0)
    return (
      <StateCard
        icon={ClipboardCheck}
        title={t('empty')}
        action={
          <Link to="/recordings" className="btn s">
            {t('find')}
          </Link>
        }
      >
        {t('empty_text')}
      </StateCard>
    );
  return <Calls queue={queue} finished={finished} />;
}

function Calls({ queue, finished }: Props) {
  const { t } = useTranslation('queue');
  const later = useStore(laterGrants);
  const { listKeys } = useStore(settings);
  const [said, say] = useState('');
  const [returning, setReturning] = useState<QueuedCall | null>(null);
  const ordered = inScreenOrder(queue.data, later);
  const shown = useCurrentCall(ordered, () => say(t('gone')));
  const { calls, current, choose, leave, step } = shown;
  const finish = useFinish();
  const left = (id: string, text: string): void => {
    leave(id);
    say(text);
  };
  const actions = useActions({ calls, current, say, left, choose, finish, giveBack: setReturning });
  useShortcuts({ enter: actions.listen }, true);
  const { done: d, giveBack: r, later: l } = actions;
  useShortcuts({ d, r, l, j: () => step(1), k: () => step(-1) }, listKeys);
  const number = queue.totals.total - queue.totals.returned - queue.totals.open + 1;
  return (
    <div className="mq">
      <section className="card mq-list">
        <div className="mq-in">
          {calls.length === 0 ? (
            <StateCard icon={CircleCheck} title={t('all_done')} bare>
              {t('all_done_text')}
            </StateCard>
          ) : (
            <QueueTable calls={calls} chosen={current?.id} choose={choose} first={number} later={later} />
          )}
          <FinishedTable calls={finished} />
        </div>
        <p className={said === '' ? 'sr' : 'mq-news'} role="status">
          {said}
        </p>
        <KeysFooter />
      </section>
      <aside className="card mq-side" aria-label={t('beside')}>
        {current === undefined ? null : (
          <>
            <CallCard
              call={current}
              number={number + calls.indexOf(current)}
              isNext={calls[0] === current}
              more={calls.length > 1}
              keys={listKeys}
              actions={actions}
            />
            <SourceText call={current} />
          </>
        )}
        <Today calls={queue.today.sessions} minutes={queue.today.minutes} />
      </aside>
      {returning === null ? null : (
        <ReturnDialog
          call={returning}
          finish={finish}
          close={() => setReturning(null)}
          returned={() => left(returning.id, t('returned'))}
        />
      )}
    </div>
  );
}
