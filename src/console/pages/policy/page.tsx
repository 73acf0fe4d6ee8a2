// Policy page: what waits for approval and all versions at the left; one of them at the right.
import '../approvals/approvals.css';
import '../changes/changes.css';
import './policy.css';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useTitle } from '../../components/use-title.ts';
import { ChangeDetail } from '../changes/change-detail.tsx';
import { ProposePolicy } from './propose-policy.tsx';
import { versionPages } from './queries.ts';
import { VersionDetail } from './version-detail.tsx';
import { VersionList, WaitingList } from './version-list.tsx';

export function PolicyPage() {
  const { t } = useTranslation('policy');
  const me = useMe();
  const { id } = useParams({ strict: false });
  const waiting = useQuery(waitingChangesQuery);
  const all = useInfiniteQuery(versionPages);
  const proposed = (waiting.data?.data ?? []).filter(
    ({ kind, tenant }) => kind === 'policy' && tenant === me.tenant.id,
  );
  const versions = (all.data?.pages ?? []).flatMap(({ data }) => data);
  const inForce = versions.find(({ in_force: now }) => now)?.id;
  // A stable default: no one decides on a change that just moved under their pointer.
  const chosen = id ?? (waiting.isPending ? undefined : (proposed.at(-1)?.id ?? inForce));
  useTitle(proposed.length === 0 ? t('title') : t('title_count', { count: proposed.length }));
  return (
    <div className={id === undefined ? 'apg' : 'apg open'}>
      <section className="ql" aria-label={t('title')}>
        <header>
          <h1>{t('title')}</h1>
        </header>
        <div className="ql-in">
          {proposed.length === 0 ? null : (
            <>
              <h2>{t('waiting')}</h2>
              <WaitingList changes={proposed} chosen={chosen} />
            </>
          )}
          <h2>{t('versions')}</h2>
          {all.isPending ? <Skeleton rows={4} shape="lines" /> : null}
          <VersionList versions={versions} chosen={chosen} />
          {all.hasNextPage ? (
            <div className="tfoot">
              <button type="button" className="btn s" onClick={() => void all.fetchNextPage()}>
                {t('more')}
              </button>
            </div>
          ) : null}
          <p className="mute small ql-note">{t('immutable')}</p>
        </div>
        {can(me, 'change.propose') && me.principal.roles.includes('privacy') && inForce !== undefined ? (
          <footer>
            <ProposePolicy base={inForce} />
          </footer>
        ) : null}
      </section>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className="dt-pane" aria-label={t('chosen')} tabIndex={0}>
        {id === undefined ? null : (
          <div className="narrow-only">
            <h1 className="sr">{t('title')}</h1>
            <Link to="/policy" className="btn q to-list">
              <ChevronLeft className="i" />
              {t('to_list')}
            </Link>
          </div>
        )}
        {all.isError && all.data === undefined ? (
          <div className="dt-one">
            <ErrorCard error={all.error} title={t('error')} onRetry={() => void all.refetch()} />
          </div>
        ) : null}
        {chosen === undefined ? null : chosen.startsWith('chg_') ? (
          <ChangeDetail key={chosen} id={chosen} />
        ) : (
          <VersionDetail key={chosen} id={chosen} />
        )}
      </section>
    </div>
  );
}
