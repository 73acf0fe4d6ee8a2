// Approvals page: requests that wait and grants that are live; the list at the left, one item at the right.
import './approvals.css';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Headphones, Inbox, MousePointerClick } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { liveGrantsQuery } from '../../api/queries.ts';
import { DetailPane } from '../../components/detail-pane.tsx';
import { focusMain } from '../../components/focus-main.ts';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useShortcuts } from '../../components/use-shortcuts.ts';
import { useTitle } from '../../components/use-title.ts';
import { settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { BulkDetail } from './bulk-detail.tsx';
import { LiveDetail } from './live-detail.tsx';
import { groupRequests, type Order, type RequestGroup, useQueue } from './queue.ts';
import { LiveList, OrderMenu, QueueList, ShortcutsFooter } from './queue-list.tsx';
import { RequestDetail } from './request-detail.tsx';

export function ApprovalsPage() {
  const { t } = useTranslation('approvals');
  const [view, setView] = useState<'waiting' | 'live'>('waiting');
  const [order, setOrder] = useState<Order>('expiring');
  const [liveId, setLiveId] = useState<string | null>(null);
  const { id } = useParams({ strict: false });
  const { principal } = useMe();
  const { list, requests } = useQueue(order);
  const grants = useQuery(liveGrantsQuery(false));
  const live = (grants.data?.data ?? []).filter((one) => one.person !== principal.id);
  useTitle(requests.length === 0 ? t('title') : t('title_count', { count: requests.length }));
  const groups = groupRequests(requests);
  const first = useDefaultSelection(groups, id);
  const chosen = id ?? first;
  const group = useShownGroup(groups, chosen);
  const move = useListNavigation(
    groups.map((one) => one.id),
    // In another order, a group has the id of another of its requests.
    groups.find(({ requests: some }) => some.some((one) => one.id === chosen))?.id ?? group?.id ?? chosen,
  );
  const firstLive = useDefaultSelection(live, liveId ?? undefined);
  const grant = live.find((one) => one.id === (liveId ?? firstLive)) ?? live[0];
  const isOpen = view === 'waiting' ? id !== undefined : liveId !== null;
  return (
    <div className={isOpen ? 'apg open' : 'apg'}>
      <section className="ql" aria-label={t('title')}>
        <header>
          <h1>{t('title')}</h1>
          <span className="grow" />
          {view === 'waiting' ? <OrderMenu order={order} turn={setOrder} /> : null}
        </header>
        <fieldset className="seg full ql-seg">
          <legend className="sr">{t('list')}</legend>
          {(['waiting', 'live'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={view === one} onClick={() => setView(one)}>
              {t(one)} {one === 'waiting' ? requests.length : live.length}
            </button>
          ))}
        </fieldset>
        <div className="ql-in">
          {list.isPending ? <Skeleton rows={5} shape="lines" /> : null}
          {view === 'waiting' ? (
            <QueueList groups={groups} chosen={chosen} />
          ) : (
            <LiveList grants={live} chosen={grant?.id} choose={setLiveId} />
          )}
        </div>
        <ShortcutsFooter />
      </section>
      <DetailPane
        label={t(view)}
        back={isOpen ? { to: '/approvals', text: t('to_list'), onClick: () => setLiveId(null) } : null}
        title={t('title')}
        list={list}
        failed={t('error')}
      >
        {view === 'waiting' ? (
          <Waiting
            chosen={chosen}
            group={group}
            isRead={list.isSuccess}
            decided={() => {
              move(1, chosen);
              setTimeout(focusMain);
            }}
          />
        ) : grant === undefined ? (
          <SinglePane>
            <StateCard icon={Headphones} title={t('live_empty')}>
              {t('live_empty_text')}
            </StateCard>
          </SinglePane>
        ) : (
          <LiveDetail key={grant.id} grant={grant} live={live} />
        )}
      </DetailPane>
    </div>
  );
}

/**
 * Selection while none was chosen: the first item, and the same one when another arrives before it, so that no one
 * decides on an item that just moved under their pointer.
 */
function useDefaultSelection(list: readonly { readonly id: string }[], chosen: string | undefined): string | undefined {
  const first = useRef<string>(undefined);
  if (chosen !== undefined || list.length === 0) first.current = undefined;
  else first.current ??= list[0]?.id;
  return first.current;
}

/** The group of the shown request; the one that was shown stays while its requests are decided. */
function useShownGroup(groups: readonly RequestGroup[], chosen: string | undefined): RequestGroup | undefined {
  const last = useRef<RequestGroup>(undefined);
  const has = (group: RequestGroup | undefined): boolean => group?.requests.some(({ id }) => id === chosen) === true;
  // All of it decided, and nothing else waits: its outcomes stay.
  if (chosen === undefined && (last.current?.requests.length ?? 0) > 1) return last.current;
  const listed = groups.find(has);
  if (!has(last.current) || (last.current?.requests.length === 1 && listed !== undefined)) last.current = listed;
  return last.current;
}

/** Moves through the list from the shown item; also by J and K where shortcuts are on. */
function useListNavigation(
  ids: readonly string[],
  here: string | undefined,
): (by: number, from: string | undefined) => void {
  const navigate = useNavigate();
  const { decideKeys } = useStore(settings);
  const move = (by: number, from: string | undefined): void => {
    const at = ids.indexOf(from ?? '');
    const next = ids[at + by] ?? (by > 0 ? ids.find((one) => one !== from) : undefined);
    if (next === undefined) void navigate({ to: '/approvals' });
    else void navigate({ to: '/approvals/$id', params: { id: next }, resetScroll: false });
  };
  const step = (by: number) => (): void => {
    if (ids[ids.indexOf(here ?? '') + by] !== undefined) move(by, here);
  };
  useShortcuts({ j: step(1), k: step(-1) }, decideKeys);
  return move;
}

type WaitingProps = {
  readonly chosen: string | undefined;
  readonly group: RequestGroup | undefined;
  readonly isRead: boolean;
  readonly decided: () => void;
};

function Waiting({ chosen, group, isRead, decided }: WaitingProps) {
  const { t } = useTranslation('approvals');
  const { id } = useParams({ strict: false });
  if (group !== undefined && group.requests.length > 1) return <BulkDetail key={group.id} group={group} />;
  if (chosen !== undefined) return <RequestDetail key={chosen} id={chosen} decided={decided} />;
  if (!isRead) return null;
  const icon = id === undefined ? Inbox : MousePointerClick;
  return (
    <SinglePane>
      <StateCard icon={icon} title={t('empty')}>
        {t('empty_text')}
      </StateCard>
    </SinglePane>
  );
}

function SinglePane({ children }: { readonly children: ReactNode }) {
  return <div className="dt-one">{children}</div>;
}
