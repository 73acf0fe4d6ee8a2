// One batch: when it is due, and how far each reviewer is.
import { useTranslation } from 'react-i18next';
import { serverNow } from '../../api/server-clock.ts';
import { Avatar } from '../../components/avatar.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { isTrainingOver } from './training.ts';
import type { Batch, BatchReviewer } from './types.ts';

type Props = {
  readonly batch: Batch;
  readonly reassign: (reviewer: BatchReviewer) => void;
  readonly withdraw: () => void;
};

export function BatchCard({ batch, reassign, withdraw }: Props) {
  const { t } = useTranslation('assignments');
  const words = useWords();
  const format = useFormat();
  const { totals, maker } = batch;
  return (
    <section className="card asg-batch">
      <header className="pad row wrap asg-head">
        <h2>{t('due', { time: format.weekday(batch.due) })}</h2>
        <span className="tag line">{words.purpose(batch.purpose)}</span>
        {batch.state === 'withdrawn' ? <span className="tag">{t('withdrawn_tag')}</span> : null}
        <span className="grow" />
        <span className="dim">
          {[
            t('done_of', { done: totals.done, count: totals.total }),
            ...(totals.returned === 0 ? [] : [t('returned', { count: totals.returned })]),
            ...(totals.expired === 0 ? [] : [t('expired', { count: totals.expired })]),
          ].join(' · ')}
        </span>
        {batch.state === 'open' ? (
          <button type="button" className="btn s q" onClick={withdraw}>
            {t('withdraw')}
          </button>
        ) : null}
        <p className="dim small asg-why">
          {batch.reason === null ? null : <UserText text={`${t('said', { reason: batch.reason })} `} />}
          {t('made', { name: words.person(maker.name), time: format.near(batch.created) })}
        </p>
      </header>
      <table className="tbl asg-tbl">
        <thead>
          <tr>
            <th scope="col">{t('column.reviewer')}</th>
            <th scope="col" className="r wide-cell">
              {t('column.assigned')}
            </th>
            <th scope="col" className="asg-bar">
              {t('column.done')}
            </th>
            <th scope="col" className="asg-note">
              <span className="sr">{t('column.notes')}</span>
            </th>
            <th scope="col" className="asg-act">
              <span className="sr">{t('column.action')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {batch.reviewers.map((reviewer) => (
            <Row key={reviewer.id} reviewer={reviewer} reassign={() => reassign(reviewer)} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ reviewer, reassign }: { readonly reviewer: BatchReviewer; readonly reassign: () => void }) {
  const { t } = useTranslation('assignments');
  const words = useWords();
  const { timeZone } = useFormat();
  const { total, done, returned, expired, open, trained_until: trained } = reviewer;
  const name = words.person(reviewer.name);
  const untrained = isTrainingOver(trained, serverNow(), timeZone);
  const movable = open + returned;
  const share = (part: number): string => `${total === 0 ? 0 : (part / total) * 100}%`;
  return (
    <tr>
      <td>
        <span className="row">
          <Avatar name={name} size="s" />
          <span className="asg-name">{name}</span>
        </span>
      </td>
      <td className="r num wide-cell">{total}</td>
      <td className="asg-bar">
        <span className="row">
          <span className="bar grow" aria-hidden="true">
            <i style={{ width: share(done) }} />
            <i className="back" style={{ width: share(returned) }} />
          </span>
          <span className="nw num">{t('share', { done, total })}</span>
        </span>
      </td>
      <td className="asg-note">
        <span className="row wrap g1">
          {returned === 0 ? null : <span className="tag">{t('returned', { count: returned })}</span>}
          {expired === 0 ? null : <span className="tag wait">{t('expired', { count: expired })}</span>}
          {untrained && open > 0 ? <span className="tag no">{t('training_over')}</span> : null}
        </span>
      </td>
      <td className="asg-act">
        {movable === 0 ? null : (
          <button
            type="button"
            className={returned > 0 || untrained ? 'btn s' : 'btn s q'}
            aria-label={t('reassign_of', { name })}
            onClick={reassign}
          >
            {t('reassign')}
          </button>
        )}
      </td>
    </tr>
  );
}
