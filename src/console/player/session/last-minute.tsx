// Bar for the last minute: announced without taking the focus or moving the page, and asks what to do next.
import './last-minute.css';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { liveGrantsQuery } from '../../api/queries.ts';
import { useNow } from '../../api/server-clock.ts';
import { focusMain } from '../../components/focus-main.ts';
import { ExtendButton } from '../../components/grant-clock.tsx';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { announcementAt, timeLeft } from './countdown.ts';
import type { Session } from './types.ts';

type Props = { readonly session: Session; readonly recording: string; readonly onFinish: () => void };

export function LastMinute({ session, recording, onFinish }: Props) {
  const { t } = useTranslation('player');
  const format = useFormat();
  const left = timeLeft(Date.parse(session.ends), useNow(500), 0);
  const [hidden, setHidden] = useState(false);
  const announced = useAnnouncement(left);
  const grants = useQuery(liveGrantsQuery(true));
  const grant = grants.data?.data.find(({ id }) => id === session.grant);
  const mayExtend = grant !== undefined && grant.extend_minutes !== null && grant.extended === null;
  const text = t(mayExtend ? 'last_minute_extend' : 'last_minute_text', { time: format.seconds(session.ends) });
  const hide = (): void => {
    setHidden(true);
    setTimeout(focusMain);
  };
  const spoken = { nothing: '', first: `${t('last_minute')} ${text}`, twenty: t('twenty_seconds') }[announced];
  return (
    <>
      <span className="sr" role="status">
        {spoken}
      </span>
      {hidden ? null : (
        <section
          className="card waitline last-minute"
          aria-labelledby="last-minute-title"
          onKeyDown={({ key }) => (key === 'Escape' ? hide() : undefined)}
        >
          <b className="big wait" aria-hidden="true">
            {formatClock(left)}
          </b>
          <div className="words">
            <h2 id="last-minute-title">{t('last_minute')}</h2>
            <p className="dim">{text}</p>
          </div>
          <div className="row">
            {mayExtend ? <ExtendButton grant={grant} /> : null}
            <Link to="/recordings/$id/ask" params={{ id: recording }} className="btn s p">
              {t('ask_again')}
            </Link>
            <button type="button" className="btn s" onClick={onFinish}>
              {t('finish')}
            </button>
            <button type="button" className="btn s q" onClick={hide}>
              {t('listen_on')}
            </button>
          </div>
        </section>
      )}
    </>
  );
}

/** Announcement for screen readers: a live region is read only when it changes, so it starts empty. */
function useAnnouncement(left: number): 'nothing' | 'first' | 'twenty' {
  const before = useRef(left);
  const [announced, setAnnounced] = useState<'nothing' | 'first' | 'twenty'>('nothing');
  useEffect(() => setAnnounced('first'), []);
  useEffect(() => {
    if (announcementAt(before.current, left) === 'twenty') setAnnounced('twenty');
    before.current = left;
  }, [left]);
  return announced;
}
