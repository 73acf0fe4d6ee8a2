// One legal hold: what it covers, its recordings, and proposing to lift it or to take recordings out of it.
import '../../components/list-card.css';
import './holds.css';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { CalendarClock, ChevronRight, Hourglass, Repeat, ShieldAlert, User } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { problemOf } from '../../api/problem.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { ErrorPageFor } from '../../components/error-page.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { AddRecordings } from './add-recordings.tsx';
import { HeldRecordings } from './held-recordings.tsx';
import { ReviewDay, StateTag } from './holds-table.tsx';
import { LiftButton } from './lift.tsx';
import { type Hold, holdQuery } from './queries.ts';
import { useScopeText } from './use-scope-text.ts';

export function HoldPage() {
  const { t } = useTranslation('holds');
  const { id } = useParams({ from: '/shell/holds/$id' });
  const { data: hold, error, refetch } = useQuery(holdQuery(id));
  useTitle(hold?.title ?? t('title'));
  if (hold !== undefined) return <Detail hold={hold} />;
  if (error !== null && problemOf(error)?.status === 404) return <ErrorPageFor error={error} />;
  return (
    <div className="page scroll holds-page">
      <h1 className="sr">{t('title')}</h1>
      {error === null ? (
        <Skeleton rows={6} shape="lines" />
      ) : (
        <ErrorCard error={error} title={t('error_one')} onRetry={() => void refetch()} />
      )}
    </div>
  );
}

function Detail({ hold }: { readonly hold: Hold }) {
  const { t } = useTranslation('holds');
  const me = useMe();
  const isOpen = hold.state !== 'lifted';
  return (
    <div className="page scroll holds-page">
      <header className="stack g1">
        <nav className="crumb" aria-label={t('crumbs')}>
          <Link to="/holds">{t('title')}</Link>
          <ChevronRight className="i" />
          <span className="mono">{hold.id.slice(0, 14)}…</span>
        </nav>
        <div className="head mid wrap">
          <h1 className="hold-title">
            <UserText text={hold.title ?? t('no_title')} />
          </h1>
          <StateTag hold={hold} />
          <span className="grow" />
          {isOpen && can(me, 'hold.place') ? <AddRecordings hold={hold.id} /> : null}
          {isOpen && can(me, 'hold.place') && can(me, 'change.propose') ? <LiftButton hold={hold} /> : null}
        </div>
        <Facts hold={hold} />
      </header>
      <Notices hold={hold} />
      <div className="hold-cols">
        <HeldRecordings hold={hold} />
        <aside className="stack g4" aria-label={t('about')}>
          <About hold={hold} />
        </aside>
      </div>
    </div>
  );
}

function Facts({ hold }: { readonly hold: Hold }) {
  const { t } = useTranslation('holds');
  const format = useFormat();
  const words = useWords();
  return (
    <div className="facts">
      {hold.reference === null ? null : (
        <span>
          <UserText text={hold.reference} />
        </span>
      )}
      <span>
        <User className="i s" />
        {t('placed_by', { name: words.person(hold.placed_by_name), day: format.date(hold.placed) })}
      </span>
      {hold.state === 'lifted' ? null : (
        <span>
          <CalendarClock className="i s" />
          {t('column.review')} <ReviewDay hold={hold} />
        </span>
      )}
      {hold.continuing && hold.state !== 'lifted' ? (
        <span>
          <Repeat className="i s" />
          {t('continuing')}
        </span>
      ) : null}
    </div>
  );
}

/** What stops erasures now, and a proposal that waits. */
function Notices({ hold }: { readonly hold: Hold }) {
  const { t } = useTranslation('holds');
  const words = useWords();
  const format = useFormat();
  const waiting = useQuery({ ...waitingChangesQuery, enabled: can(useMe(), 'change.read') });
  const proposed = waiting.data?.data.find(({ lift }) => lift?.hold === hold.id);
  return (
    <>
      {hold.damaged ? (
        <StateCard icon={ShieldAlert} tone="no" title={t('damaged_title')}>
          {t('damaged_text')}
        </StateCard>
      ) : null}
      {hold.state === 'placing' ? (
        <StateCard icon={Hourglass} tone="wait" title={t('placing_title')}>
          {t('placing_text', { number: format.number(hold.recordings) })}
        </StateCard>
      ) : null}
      {proposed === undefined ? null : (
        <div className="card hold-wait waitline">
          <Hourglass className="i wait" />
          <p className="grow">
            <b>{t('lift_waits', { name: words.person(proposed.proposer_name) })}</b>{' '}
            <span className="dim">{t('lift_waits_text')}</span>
          </p>
          <Link to="/changes/$id" params={{ id: proposed.id }} className="btn s">
            {t('review')}
          </Link>
        </div>
      )}
    </>
  );
}

function About({ hold }: { readonly hold: Hold }) {
  const { t } = useTranslation('holds');
  const format = useFormat();
  const words = useWords();
  const scopeText = useScopeText();
  const isLifted = hold.state === 'lifted';
  return (
    <section className="card pad stack g3" aria-label={t('column.covers')}>
      <h2>{t('column.covers')}</h2>
      <p>
        <UserText text={scopeText(hold)} />
      </p>
      {hold.rule !== null && hold.rule.by.length > 0 ? <p className="dim small">{t('values')}</p> : null}
      <dl className="hold-lines">
        <div>
          <dt>{t('held')}</dt>
          <dd>{format.number(hold.held)}</dd>
        </div>
        <div>
          <dt>{t('ever')}</dt>
          <dd>{format.number(hold.recordings)}</dd>
        </div>
        {hold.uncovered === 0 ? null : (
          <div>
            <dt>{t('uncovered')}</dt>
            <dd>{format.number(hold.uncovered)}</dd>
          </div>
        )}
      </dl>
      {isLifted && hold.lifted !== null ? (
        <p className="dim">
          {t('lifted_by', { name: words.person(hold.lifted_by_name), day: format.dateTime(hold.lifted) })}
        </p>
      ) : (
        <p className="dim small">{t('keeps')}</p>
      )}
      <p className="mono small mute hold-id">{hold.id}</p>
    </section>
  );
}
