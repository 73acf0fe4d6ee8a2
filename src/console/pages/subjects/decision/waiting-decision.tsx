// A decision that waits: for its proposer's signature, or for the second person, who can approve it here.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../../components/error-card.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { UserText } from '../../../components/user-text.tsx';
import { useWords } from '../../../i18n/use-words.ts';
import { ApprovedCopies } from '../../../subjects/approved-copies.tsx';
import { OutcomeCounts } from '../../../subjects/outcome-counts.tsx';
import type { SubjectRequest } from '../../../subjects/types.ts';
import { Decision } from '../../changes/decision.tsx';
import { changeQuery } from '../../changes/queries.ts';

export function WaitingDecision({ request }: { readonly request: SubjectRequest }) {
  const { t } = useTranslation('subjects');
  const words = useWords();
  const { change, refusal, recordings } = request;
  const { data, error, isError, refetch } = useQuery({ ...changeQuery(change?.id ?? ''), enabled: change !== null });
  const name = words.person(data?.proposer_name);
  return (
    <>
      <section className="card pad stack g3" aria-labelledby="waiting-title">
        <h2 id="waiting-title">{t(refusal === null ? 'decision.waits_for' : 'decision.rejects')}</h2>
        {refusal === null ? (
          <OutcomeCounts counts={data?.answer?.outcomes ?? recordings.outcomes} />
        ) : (
          <p>
            <b>{t(`ground.${refusal.ground}`)}</b>
            <br />
            <UserText text={refusal.reason} />
          </p>
        )}
        <ApprovedCopies copies={data?.answer?.copies} />
        {data === undefined || data.note === '' ? null : (
          <p className="say">
            <UserText text={data.note} />
          </p>
        )}
        {change === null ? null : (
          <p>
            <Link to="/changes/$id" params={{ id: change.id }} className="link">
              {t('decision.open_change')}
            </Link>
          </p>
        )}
      </section>
      {isError && data === undefined ? <ErrorCard error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined && !isError ? <Skeleton rows={3} shape="lines" /> : null}
      {data === undefined ? null : <Decision change={data} name={name} />}
    </>
  );
}
