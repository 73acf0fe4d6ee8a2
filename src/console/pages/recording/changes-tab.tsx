// Changes of the recording's facts: who set what, when and why, as a difference.
import './changes.css';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { FactChange, RecordingChange } from '../../api/types.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { changesQuery } from './queries.ts';
import { useFacts } from './use-facts.ts';

export function ChangesTab({ recording }: { readonly recording: string }) {
  const { t } = useTranslation('recording');
  const found = useQuery(changesQuery(recording));
  if (found.data === undefined) {
    return found.error === null ? (
      <Skeleton shape="lines" rows={4} />
    ) : (
      <ErrorCard bare error={found.error} title={t('changes_failed')} onRetry={() => void found.refetch()} />
    );
  }
  const { data, next_cursor: next } = found.data;
  return (
    <>
      {data.length === 0 ? <p className="panel-none dim">{t('changes_none')}</p> : null}
      <ol className="trail">
        {data.map((change, n) => (
          <Change key={change.n ?? `early-${n}`} change={change} />
        ))}
      </ol>
      {next === null ? null : <p className="panel-none dim">{t('changes_more')}</p>}
    </>
  );
}

function Change({ change: { at, by, reason, facts } }: { readonly change: RecordingChange }) {
  const { t } = useTranslation('recording');
  const format = useFormat();
  return (
    <li>
      <div className="row">
        <b className="m">{by.name ?? by.id}</b>
        <span className="grow" />
        {at === null ? (
          <span className="mute">{t('changes_early')}</span>
        ) : (
          <time className="mute num" dateTime={at} title={format.dateTime(at)}>
            {format.near(at)}
          </time>
        )}
      </div>
      <dl className="diff">
        {facts.map((fact) => (
          <Difference key={fact.fact} change={fact} />
        ))}
      </dl>
      {reason === null ? null : (
        <p className="dim">
          <UserText text={t('changes_reason', { reason })} />
        </p>
      )}
    </li>
  );
}

/** Old and new value. Screen readers read which is which. */
export function Difference({ change: { fact, before, after } }: { readonly change: FactChange }) {
  const { t } = useTranslation('recording');
  const facts = useFacts();
  const [old, now] = [facts.value(fact, before), facts.value(fact, after)];
  const hidden = before === undefined && after === undefined;
  return (
    <div>
      <dt>{facts.name(fact)}</dt>
      <dd>
        {hidden ? <span className="mute">{t('changes_hidden')}</span> : null}
        {old === null ? null : (
          <del>
            <span className="sr">{t('changes_before')}</span>
            <UserText text={old} />
          </del>
        )}
        {hidden || now === null ? null : (
          <ins>
            <span className="sr">{t('changes_after')}</span>
            <UserText text={now} />
          </ins>
        )}
        {!hidden && now === null ? <span className="mute">{t('changes_removed')}</span> : null}
        {old !== null && old === now ? <span className="mute">{t('changes_masked')}</span> : null}
      </dd>
    </div>
  );
}
