// Policy page: what waits for approval and all versions at the left; one of them at the right.
import '../approvals/approvals.css';
import '../changes/changes.css';
import './policy.css';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import { DetailPane } from '../../components/detail-pane.tsx';
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
      <DetailPane
        label={t('chosen')}
        back={id === undefined ? null : { to: '/policy', text: t('to_list') }}
        title={t('title')}
        list={all}
        failed={t('error')}
      >
        {chosen === undefined ? null : chosen.startsWith('chg_') ? (
          <ChangeDetail key={chosen} id={chosen} />
        ) : (
          <VersionDetail key={chosen} id={chosen} />
        )}
      </DetailPane>
    </div>
  );
}
