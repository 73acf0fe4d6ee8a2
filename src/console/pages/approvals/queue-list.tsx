// List at the left: waiting requests or live grants, with the shortcuts below.
import { Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { ChevronDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../api/server-clock.ts';
import type { AccessRequestView, Grant } from '../../api/types.ts';
import { Avatar } from '../../components/avatar.tsx';
import { GrantClock } from '../../components/grant-clock.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { changeSettings, settings } from '../../state/settings.ts';
import { shortcutsShown } from '../../state/shortcuts-shown.ts';
import { useStore } from '../../state/store.ts';
import { approvalCount, ORDERS, type Order, type RequestGroup } from './queue.ts';

const SOON_MS = 30 * 60_000;

type OrderProps = { readonly order: Order; readonly turn: (order: Order) => void };

export function OrderMenu({ order, turn }: OrderProps) {
  const { t } = useTranslation('approvals');
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <button type="button" className="btn s q">
          <span className="sr">{t('sort.label')}</span>
          {t(`sort.${order}`)}
          <ChevronDown className="i s" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={order} onChange={(one) => turn(one as Order)}>
          {ORDERS.map((one) => (
            <Menu.RadioItem key={one} value={one}>
              {t(`sort.${one}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

type QueueProps = { readonly groups: readonly RequestGroup[]; readonly chosen: string | undefined };

export function QueueList({ groups, chosen }: QueueProps) {
  const now = useNow(15_000);
  return (
    <ol className="rqs">
      {groups.map(({ id, requests }) => (
        <li key={id}>
          <QueueItem requests={requests} isChosen={requests.some((one) => one.id === chosen)} now={now} />
        </li>
      ))}
    </ol>
  );
}

type ItemProps = { readonly requests: RequestGroup['requests']; readonly isChosen: boolean; readonly now: number };

function QueueItem({ requests, isChosen, now }: ItemProps) {
  const { t } = useTranslation('approvals');
  const words = useWords();
  const format = useFormat();
  const [request] = requests;
  if (request === undefined) return null;
  const left = Date.parse(request.expires) - now;
  const name = words.person(request.requester_name);
  const count = requests.length;
  const callOf = ({ recording_facts: facts }: AccessRequestView): string | null =>
    facts === null ? null : [format.near(facts.started_at), facts.agent].filter((part) => part !== null).join(' ');
  const about = [words.purpose(request.purpose), request.ticket, count > 1 ? null : callOf(request)];
  const covers = {
    objects: words.objects(request.objects),
    minutes: t('minutes', { count: request.minutes }),
  };
  return (
    <Link
      to="/approvals/$id"
      params={{ id: request.id }}
      className={`rq ${isChosen ? 'on' : ''} ${left <= 0 ? 'over' : ''}`}
      aria-current={isChosen ? 'true' : undefined}
      resetScroll={false}
    >
      <Avatar name={name} />
      <span className="rq-in">
        <span className="row">
          <span className="m cut grow">{name}</span>
          <span className="mute small nw">{format.span(now - Date.parse(request.created))}</span>
        </span>
        <span className="dim small cut">
          <UserText text={about.filter((part) => part !== null).join(' · ')} />
        </span>
        <span className="row small">
          <span className="dim cut grow">
            {count > 1 ? t('bulk.calls', { count, minutes: covers.minutes }) : t('covers', covers)}
          </span>
          <RequestTag request={request} left={left} />
        </span>
      </span>
    </Link>
  );
}

function RequestTag({ request, left }: { readonly request: AccessRequestView; readonly left: number }) {
  const { t } = useTranslation('approvals');
  const format = useFormat();
  const needed = request.approvals_needed;
  if (left <= 0) return <span className="tag">{t('expired')}</span>;
  if (left < SOON_MS) return <span className="tag wait">{t('expires_in', { time: format.span(left) })}</span>;
  if (needed > 1) return <span className="tag">{t('needs', { needed, given: approvalCount(request) })}</span>;
  return null;
}

type LiveProps = {
  readonly grants: readonly Grant[];
  readonly chosen: string | undefined;
  readonly choose: (id: string) => void;
};

export function LiveList({ grants, chosen, choose: pick }: LiveProps) {
  const words = useWords();
  const now = useNow(1_000);
  return (
    <ol className="rqs">
      {grants.map((grant) => {
        const isChosen = grant.id === chosen;
        const name = words.person(grant.requester_name);
        return (
          <li key={grant.id}>
            <button
              type="button"
              className={isChosen ? 'rq on' : 'rq'}
              aria-current={isChosen ? 'true' : undefined}
              onClick={() => pick(grant.id)}
            >
              <Avatar name={name} />
              <span className="rq-in">
                <span className="row">
                  <span className="m cut grow">{name}</span>
                  <span className="num small m">
                    <GrantClock grant={grant} now={now} />
                  </span>
                </span>
                <span className="dim small cut">{words.purpose(grant.purpose)}</span>
                <span className="dim small cut">{grant.recording_facts?.agent ?? grant.recording.slice(0, 14)}</span>
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

export function ShortcutsFooter() {
  const { t } = useTranslation('approvals');
  const { decideKeys } = useStore(settings);
  return (
    <footer>
      <span>
        <kbd>J</kbd>
        <kbd>K</kbd>
        {t('keys.move')}
      </span>
      <span>
        <kbd>X</kbd>
        {t('keys.choose')}
      </span>
      <span>
        <kbd>A</kbd>
        {t('keys.approve')}
      </span>
      <span>
        <kbd>N</kbd>
        {t('keys.narrow')}
      </span>
      <span>
        <kbd>R</kbd>
        {t('keys.refuse')}
      </span>
      <span>
        <kbd>?</kbd>
        <button type="button" className="link" onClick={() => shortcutsShown.set(true)}>
          {t('keys.all')}
        </button>
      </span>
      {decideKeys ? null : (
        <span>
          {t('keys.off')}
          <button type="button" className="link" onClick={() => changeSettings({ decideKeys: true })}>
            {t('keys.turn_on')}
          </button>
        </span>
      )}
    </footer>
  );
}
