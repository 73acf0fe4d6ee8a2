// Navigation at the left edge; in a drawer on small screens.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleQuestionMark } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../api/current-user.ts';
import { MOST_WAITING, waitingChangesQuery, waitingQuery } from '../api/queries.ts';
import { serverNow } from '../api/server-clock.ts';
import { useFormat } from '../i18n/use-format.ts';
import { queueQuery } from '../queue/queries.ts';
import { openSubjectsQuery } from '../subjects/queries.ts';
import { dueIn } from '../subjects/stage.ts';
import { isReviewer, type NavItem, navItemsFor } from './nav-items.ts';

export function Nav({ onGo }: { readonly onGo?: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const decides = can(me, 'access.decide');
  const open = useQuery({ ...waitingQuery, enabled: decides });
  const waiting = open.data?.data.filter(({ requester }) => requester !== me.principal.id).length ?? 0;
  const queue = useQuery({ ...queueQuery, enabled: isReviewer(me) });
  const toHear = queue.data?.totals.open ?? 0;
  const proposed = useQuery({ ...waitingChangesQuery, enabled: can(me, 'change.decide') });
  const toConfirm = proposed.data?.data.filter(({ proposer }) => proposer !== me.principal.id) ?? [];
  const own = toConfirm.filter(({ tenant }) => tenant === me.tenant.id);
  const waitingOf: { readonly [name in NavItem['name']]?: number } = {
    policy: own.filter(({ kind }) => kind === 'policy').length,
    retention: own.filter(({ kind }) => kind === 'retention' || kind === 'resume').length,
    consent: own.filter(({ lift }) => lift !== null && lift.hold === null).length,
    holds: own.filter(({ lift }) => lift !== null && lift.hold !== null).length,
  };
  return (
    <nav className="nav" aria-label={t('main_nav')}>
      {navItemsFor(me).map(({ name, to, icon: Icon }) => (
        <Link key={name} to={to} onClick={onGo}>
          <Icon className="i" />
          {t(`nav.${name}`)}
          {name === 'my-queue' && toHear > 0 ? <span className="n hot">{toHear}</span> : null}
          {name === 'approvals' && waiting > 0 ? (
            <span className="n hot">{waiting >= MOST_WAITING ? `${MOST_WAITING}+` : waiting}</span>
          ) : null}
          {name === 'subject-requests' ? <OpenSubjects /> : null}
          {name === 'changes' && toConfirm.length > 0 ? <span className="n hot">{toConfirm.length}</span> : null}
          {(waitingOf[name] ?? 0) > 0 ? <span className="n hot">{waitingOf[name]}</span> : null}
        </Link>
      ))}
      <div className="foot">
        <Link to="/help" onClick={onGo}>
          <CircleQuestionMark className="i" />
          {t('nav.help')}
        </Link>
      </div>
    </nav>
  );
}

/** How many subject requests are open; prominent where one is due within a week. */
function OpenSubjects() {
  const me = useMe();
  const format = useFormat();
  const { data } = useQuery({ ...openSubjectsQuery, enabled: can(me, 'subject.manage') });
  const open = data?.data.filter(({ ended }) => ended === null) ?? [];
  if (open.length === 0) return null;
  const today = format.day(new Date(serverNow()).toISOString());
  const isUrgent = open.some(({ due }) => dueIn(format.day(due), today).tone !== 'plain');
  return <span className={isUrgent ? 'n hot' : 'n'}>{open.length}</span>;
}
