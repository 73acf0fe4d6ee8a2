// Changes page: what waits for a second person and what was decided at the left, one change at the right.
import '../approvals/approvals.css';
import './changes.css';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { FilePen, Inbox, MousePointerClick } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import { DetailPane } from '../../components/detail-pane.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { ChangeDetail } from './change-detail.tsx';
import { ChangeList } from './change-list.tsx';
import { ProposeSettings } from './propose-settings.tsx';
import { changePages } from './queries.ts';

type Tab = 'waiting' | 'decided';

export function ChangesPage() {
  const { t } = useTranslation('changes');
  const me = useMe();
  const { id } = useParams({ strict: false });
  const [tab, setTab] = useState<Tab>('waiting');
  // The navigation has polled it: who comes for a change that was just proposed sees it at once.
  const waiting = useQuery({ ...waitingChangesQuery, refetchOnMount: 'always' });
  const all = useInfiniteQuery({ ...changePages, enabled: tab === 'decided' });
  const open = waiting.data?.data ?? [];
  const decided = (all.data?.pages ?? []).flatMap(({ data }) => data).filter(({ state }) => state !== 'open');
  useTitle(open.length === 0 ? t('title') : t('title_count', { count: open.length }));
  const list = tab === 'waiting' ? waiting : all;
  const shown = tab === 'waiting' ? open : decided;
  // A stable default: no one decides on a change that just moved under their pointer.
  const chosen = id ?? (tab === 'waiting' ? open.at(-1)?.id : undefined);
  return (
    <div className={id === undefined ? 'apg' : 'apg open'}>
      <section className="ql" aria-label={t('title')}>
        <header>
          <h1>{t('title')}</h1>
        </header>
        <fieldset className="seg full ql-seg">
          <legend className="sr">{t('list')}</legend>
          {(['waiting', 'decided'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={tab === one} onClick={() => setTab(one)}>
              {t(one)} {one === 'waiting' ? open.length : ''}
            </button>
          ))}
        </fieldset>
        <div className="ql-in">
          {list.isPending ? <Skeleton rows={5} shape="lines" /> : null}
          <ChangeList changes={shown} chosen={chosen} />
          {tab === 'decided' && all.hasNextPage ? (
            <div className="tfoot">
              <button type="button" className="btn s" onClick={() => void all.fetchNextPage()}>
                {t('more')}
              </button>
            </div>
          ) : null}
        </div>
        {can(me, 'change.propose') && me.principal.roles.includes('privacy') ? (
          <footer>
            <ProposeSettings />
          </footer>
        ) : null}
      </section>
      <DetailPane
        label={t(tab)}
        back={id === undefined ? null : { to: '/changes', text: t('to_list') }}
        title={t('title')}
        list={list}
        failed={t('error')}
      >
        {chosen !== undefined ? (
          <ChangeDetail key={chosen} id={chosen} />
        ) : list.isSuccess ? (
          <Nothing tab={tab} hasSome={shown.length > 0} />
        ) : null}
      </DetailPane>
    </div>
  );
}

function Nothing({ tab, hasSome }: { readonly tab: Tab; readonly hasSome: boolean }) {
  const { t } = useTranslation('changes');
  if (hasSome)
    return (
      <div className="dt-one">
        <StateCard icon={MousePointerClick} title={t('choose')} />
      </div>
    );
  return (
    <div className="dt-one">
      {tab === 'waiting' ? (
        <StateCard icon={Inbox} title={t('empty')}>
          {t('empty_text')}
        </StateCard>
      ) : (
        <StateCard icon={FilePen} title={t('none_decided')} />
      )}
    </div>
  );
}
