// The last minute: an alert dialog that takes nothing away and asks what to do next; the last twenty seconds are said.
import './last-minute.css';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../components/use-now.ts';
import { clock } from '../i18n/clock.ts';
import { useFormat } from '../i18n/use-format.ts';
import { announcementAt, timeLeft } from './countdown.ts';
import type { Session } from './types.ts';

type Props = { readonly session: Session; readonly recording: string; readonly onFinish: () => void };

export function LastMinute({ session, recording, onFinish }: Props) {
  const { t } = useTranslation('player');
  const format = useFormat();
  const left = timeLeft(Date.parse(session.ends), useNow(500), 0);
  const [hidden, setHidden] = useState(false);
  const first = useRef<HTMLAnchorElement>(null);
  const said = useTwenty(left);
  useEffect(() => {
    // Who is typing goes on typing; the words are read out either way.
    const typing = document.activeElement?.matches('input, textarea, select') === true;
    if (!typing) first.current?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <span className="sr" role="status">
        {said ? t('twenty_seconds') : ''}
      </span>
      {hidden ? null : (
        <div
          className="card last-minute"
          role="alertdialog"
          aria-labelledby="last-minute-title"
          aria-describedby="last-minute-text"
          onKeyDown={({ key }) => (key === 'Escape' ? setHidden(true) : undefined)}
        >
          <div className="row">
            <h2 id="last-minute-title" className="grow">
              {t('last_minute')}
            </h2>
            <b className="big wait" aria-hidden="true">
              {clock(left)}
            </b>
          </div>
          <p id="last-minute-text" className="dim">
            {t('last_minute_text', { time: format.seconds(session.ends) })}
          </p>
          <div className="row">
            <Link ref={first} to="/recordings/$id/ask" params={{ id: recording }} className="btn s p">
              {t('ask_again')}
            </Link>
            <button type="button" className="btn s" onClick={onFinish}>
              {t('finish')}
            </button>
            <span className="grow" />
            <button type="button" className="btn s q" onClick={() => setHidden(true)}>
              {t('listen_on')}
            </button>
          </div>
        </div>
      )}
    </>
  );
}

function useTwenty(left: number): boolean {
  const before = useRef(left);
  const [said, setSaid] = useState(false);
  useEffect(() => {
    if (announcementAt(before.current, left) === 'twenty') setSaid(true);
    before.current = left;
  }, [left]);
  return said;
}
