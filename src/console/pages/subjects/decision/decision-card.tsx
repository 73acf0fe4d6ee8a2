// The decision: how many recordings have which outcome, its checks, and the one button, which only sends it for approval.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Send } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useWords } from '../../../i18n/use-words.ts';
import { OutcomeCounts } from '../../../subjects/outcome-counts.tsx';
import { type Chosen, countsOf, impossibleOf, outcomeOf } from '../../../subjects/outcomes.ts';
import { foundRecordingsQuery } from '../../../subjects/queries.ts';
import { stageOf } from '../../../subjects/stage.ts';
import type { SubjectRequest, Words } from '../../../subjects/types.ts';
import { changeQuery } from '../../changes/queries.ts';
import { DecisionChecks } from './decision-checks.tsx';
import { RejectDialog } from './reject-dialog.tsx';
import { SendDialog } from './send-dialog.tsx';

type Props = {
  readonly request: SubjectRequest;
  readonly chosen: Chosen;
  readonly words: Words | null;
  readonly manages: boolean;
};

export function DecisionCard({ request, chosen, words, manages }: Props) {
  const { t } = useTranslation('subjects');
  const [dialog, setDialog] = useState<'send' | 'reject' | null>(null);
  const isSearched = request.searched !== null;
  const { data, dataUpdatedAt } = useQuery({ ...foundRecordingsQuery(request), enabled: isSearched });
  const rows = data ?? [];
  const open = rows.filter(({ done }) => done === null);
  const counts = countsOf(open, (row) => outcomeOf(row, chosen, true));
  const impossible = impossibleOf(rows, chosen).length;
  const isReady = isSearched && data !== undefined && impossible === 0;
  const stage = stageOf(request);
  const close = (): void => setDialog(null);
  return (
    <section className="card decide" aria-labelledby="decision-title">
      <div className="pad stack">
        <h2 id="decision-title">{t('decision.title')}</h2>
        {stage === 'again' ? <NotApproved request={request} /> : null}
        {stage === 'rest' ? <p className="not-approved">{t('decision.rest', { count: open.length })}</p> : null}
        {isSearched ? <OutcomeCounts counts={counts} /> : null}
        <DecisionChecks request={request} decided={rows.length} impossible={impossible} checkedAt={dataUpdatedAt} />
        {manages ? (
          <>
            <button type="button" className="btn p l" disabled={!isReady} onClick={() => setDialog('send')}>
              <Send className="i" />
              {t('decision.send')}
            </button>
            {stage === 'rest' ? null : (
              <button type="button" className="btn s q" onClick={() => setDialog('reject')}>
                {t('decision.reject')}
              </button>
            )}
          </>
        ) : null}
      </div>
      <p className="decide-foot">{t(manages ? 'decision.foot' : 'decision.foot_read')}</p>
      {dialog === 'send' ? (
        <SendDialog
          request={request}
          rows={rows}
          chosen={chosen}
          words={words}
          erases={counts.erase ?? 0}
          copied={counts.copy ?? 0}
          close={close}
        />
      ) : null}
      {dialog === 'reject' ? <RejectDialog request={request} close={close} /> : null}
    </section>
  );
}

/** How the last decision ended, with a way to it. */
function NotApproved({ request: { change } }: Pick<Props, 'request'>) {
  const { t } = useTranslation('subjects');
  const words = useWords();
  const { data } = useQuery({ ...changeQuery(change?.id ?? ''), enabled: change !== null });
  if (change === null) return null;
  const name = words.person(data?.decider_name);
  return (
    <p className="not-approved" role="status">
      <b>{t('decision.again')}</b>{' '}
      <Link to="/changes/$id" params={{ id: change.id }} className="link">
        {t(`decision.again_${change.state as 'refused'}`, { name })}
      </Link>
    </p>
  );
}
