// One subject request: its steps, what becomes of each recording, the decision, and the answer.
import './subjects.css';
import '../approvals/approvals.css';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Hourglass } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { problemOf } from '../../api/problem.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { ErrorPageFor } from '../../components/error-page.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { useWords } from '../../i18n/use-words.ts';
import { type Chosen, countsOf, outcomeOf } from '../../subjects/outcomes.ts';
import { foundRecordingsQuery, subjectRequestQuery } from '../../subjects/queries.ts';
import { isToDecide, type Stage, stageOf } from '../../subjects/stage.ts';
import type { SubjectRequest, Words } from '../../subjects/types.ts';
import { useSubjectWords } from '../../subjects/use-subject-words.ts';
import { AnswerCard } from './answer/answer-card.tsx';
import { DecisionCard } from './decision/decision-card.tsx';
import { WaitingDecision } from './decision/waiting-decision.tsx';
import { EndCard } from './end-card.tsx';
import { Head } from './head.tsx';
import { IdentityForm } from './identity-form.tsx';
import { RecordingsCard } from './recordings/recordings-card.tsx';
import { SearchForm } from './search-form.tsx';
import { Steps } from './steps.tsx';
import { WhoAsks } from './who-asks.tsx';

export function SubjectPage() {
  const { id = '' } = useParams({ strict: false });
  const { data, error, isError, refetch } = useQuery(subjectRequestQuery(id));
  if (data !== undefined) return <OneRequest key={id} request={data} />;
  if (isError && [403, 404].includes(problemOf(error)?.status ?? 0)) return <ErrorPageFor error={error} />;
  return (
    <div className="page scroll subjects">
      {isError ? <ErrorCard error={error} onRetry={() => void refetch()} /> : <Skeleton rows={8} shape="lines" />}
    </div>
  );
}

/** Stages before a decision was sent, and after it was approved. */
const AHEAD: readonly Stage[] = ['identity', 'search', 'decide', 'again', 'rest'];
const AFTER: readonly Stage[] = ['doing', 'send', 'answered', 'refused'];

function OneRequest({ request }: { readonly request: SubjectRequest }) {
  const { t } = useTranslation('subjects');
  const me = useMe();
  const people = useWords();
  const said = useSubjectWords();
  const [chosen, setChosen] = useState<Chosen>(new Map());
  const [words, setWords] = useState<Words | null>(request.words);
  const manages = can(me, 'subject.manage');
  const isOpen = isToDecide(request);
  const stage = stageOf(request);
  const edits = manages && isOpen;
  const { data: rows = [] } = useQuery({ ...foundRecordingsQuery(request), enabled: request.searched !== null });
  const counts = countsOf(rows, (row) => outcomeOf(row, chosen, isOpen));
  useTitle(`${said.kinds(request)} · ${said.person(request)}`);
  return (
    <div className="page scroll subjects">
      <Head request={request} />
      <Steps request={request} counts={counts} />
      <div className="subject-cols">
        <div className="stack g4">
          {stage === 'identity' && manages ? <IdentityForm request={request} /> : null}
          {stage === 'search' && manages ? <SearchForm request={request} /> : null}
          {['identity', 'search'].includes(stage) && !manages ? (
            <StateCard icon={Hourglass} title={said.stage(request).text}>
              {t('manager', { name: people.person(request.manager_name) })}
            </StateCard>
          ) : null}
          {request.searched === null ? null : (
            <RecordingsCard request={request} chosen={chosen} {...(edits ? { setChosen } : {})} />
          )}
          {request.searched === null && request.refusal === null ? null : (
            <AnswerCard request={request} words={words} {...(edits ? { setWords } : {})} />
          )}
        </div>
        <aside className="stack g4">
          {stage === 'sign' || stage === 'approval' ? <WaitingDecision request={request} /> : null}
          {AHEAD.includes(stage) ? (
            <DecisionCard request={request} chosen={chosen} words={words} manages={manages} />
          ) : null}
          {AFTER.includes(stage) ? <EndCard request={request} manages={manages} /> : null}
          <WhoAsks request={request} />
        </aside>
      </div>
    </div>
  );
}
