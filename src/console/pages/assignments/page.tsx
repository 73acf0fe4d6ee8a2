// Assignments: how far each batch is, and beside it the form that assigns the selected calls.
import './assignments.css';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ClipboardList } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { useStore } from '../../state/store.ts';
import { toAssign } from '../../state/to-assign.ts';
import { AssignPanel } from './assign-panel.tsx';
import { BatchCard } from './batch-card.tsx';
import { BATCH_STATES, type BatchState, batchesQuery } from './queries.ts';
import { ReassignDialog } from './reassign-dialog.tsx';
import type { Batch, BatchReviewer } from './types.ts';
import { WithdrawDialog } from './withdraw-dialog.tsx';

export function AssignmentsPage() {
  const { t } = useTranslation('assignments');
  useTitle(t('title'));
  const what = useStore(toAssign);
  const [state, setState] = useState<BatchState>('open');
  return (
    <div className="page scroll">
      <header className="head mid">
        <h1>{t('title')}</h1>
        <span className="grow" />
        <fieldset className="seg">
          <legend className="sr">{t('show')}</legend>
          {BATCH_STATES.map((one) => (
            <button key={one} type="button" aria-pressed={state === one} onClick={() => setState(one)}>
              {t(`state.${one}`)}
            </button>
          ))}
        </fieldset>
      </header>
      <div className={what === null ? 'asg' : 'asg with'}>
        <Batches key={state} state={state} />
        {what === null ? null : (
          <AssignPanel key={what.calls.map(({ recording }) => recording).join(' ')} what={what} />
        )}
      </div>
    </div>
  );
}

function Batches({ state }: { readonly state: BatchState }) {
  const { t } = useTranslation('assignments');
  const list = useQuery(batchesQuery(state));
  const [moving, setMoving] = useState<{ readonly batch: Batch; readonly reviewer: BatchReviewer } | null>(null);
  const [withdrawing, setWithdrawing] = useState<Batch | null>(null);
  if (list.isPending)
    return (
      <section className="card">
        <Skeleton rows={6} />
      </section>
    );
  if (list.data === undefined)
    return <ErrorCard error={list.error} title={t('error')} onRetry={() => void list.refetch()} />;
  if (list.data.data.length === 0) return <Empty state={state} />;
  const byDue = [...list.data.data].sort((one, other) => one.due.localeCompare(other.due));
  return (
    <div className="stack asg-list">
      {(state === 'open' ? byDue : byDue.reverse()).map((batch) => (
        <BatchCard
          key={batch.id}
          batch={batch}
          reassign={(reviewer) => setMoving({ batch, reviewer })}
          withdraw={() => setWithdrawing(batch)}
        />
      ))}
      {moving === null ? null : <ReassignDialog {...moving} close={() => setMoving(null)} />}
      {withdrawing === null ? null : <WithdrawDialog batch={withdrawing} close={() => setWithdrawing(null)} />}
    </div>
  );
}

function Empty({ state }: { readonly state: BatchState }) {
  const { t } = useTranslation('assignments');
  if (state !== 'open') return <StateCard icon={ClipboardList} title={t(`empty.${state}`)} />;
  return (
    <StateCard
      icon={ClipboardList}
      title={t('empty.open')}
      action={
        <Link to="/recordings" className="btn s">
          {t('empty.find')}
        </Link>
      }
    >
      {t('empty.text')}
    </StateCard>
  );
}
