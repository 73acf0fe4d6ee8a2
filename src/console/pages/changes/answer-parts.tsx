// What the answer to a subject request does: how many recordings have which outcome, or on which ground it is rejected.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApprovedCopies } from '../../subjects/approved-copies.tsx';
import { OutcomeCounts } from '../../subjects/outcome-counts.tsx';
import type { Kind, RefusalGround } from '../../subjects/types.ts';
import type { OneChange } from './queries.ts';

export function AnswerParts({ answer }: { readonly answer: NonNullable<OneChange['answer']> }) {
  const { t } = useTranslation('subjects');
  const { request, asked, outcomes, refusal, recordings, copies } = answer;
  const kinds = asked.map((kind) => t(`form.kind.${kind as Kind}`)).join(t('kinds_comma'));
  return (
    <section className="card pad stack g3" aria-labelledby="answer-change">
      <h2 id="answer-change">{t(refusal === null ? 'decision.becomes' : 'decision.rejects')}</h2>
      <p className="dim">{t('decision.asked', { kinds })}</p>
      {refusal === null ? (
        <OutcomeCounts counts={outcomes} />
      ) : (
        <p className="m">{t(`ground.${refusal as RefusalGround}`)}</p>
      )}
      <ApprovedCopies copies={copies} />
      {refusal === null && recordings === 0 && copies === null ? <p>{t('decision.nothing')}</p> : null}
      <p>
        <Link to="/subject-requests/$id" params={{ id: request }} className="link">
          {t('decision.open_request')}
        </Link>
      </p>
    </section>
  );
}
