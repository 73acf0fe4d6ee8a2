// Activity of this recording: who did what, when, and how much was delivered.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { recordingActivityQuery } from '../../player/session/api.ts';
import type { RecordingActivity } from '../../player/session/types.ts';
import { formatLength } from '../../player/time/format-time.ts';

/** Hidden at first, so that requests, decisions and listening come before views of facts. */
const READ_ACTION = /\.read$/;

export function ActivityTab({ recording }: { readonly recording: string }) {
  const { t } = useTranslation('recording');
  const found = useQuery(recordingActivityQuery(recording));
  const [all, setAll] = useState(false);
  if (found.data === undefined) {
    return found.error === null ? (
      <Skeleton shape="lines" rows={4} />
    ) : (
      <ErrorCard bare error={found.error} title={t('activity_failed')} onRetry={() => void found.refetch()} />
    );
  }
  const shown = found.data.filter(({ action }) => all || !READ_ACTION.test(action));
  const looks = found.data.length - shown.length;
  return (
    <>
      {shown.length === 0 ? <p className="panel-none dim">{t('activity_none')}</p> : null}
      <ol className="trail">
        {shown.map((one) => (
          <Row key={one.index} one={one} listener={listenerOf(one, found.data)} />
        ))}
      </ol>
      {looks === 0 ? null : (
        <button type="button" className="btn q s trail-more" onClick={() => setAll(true)}>
          {t('activity_looks', { count: looks })}
        </button>
      )}
    </>
  );
}

/** Name of the person whose session another person ended, if the activity has it. */
function listenerOf({ action, session, actor }: RecordingActivity, trail: readonly RecordingActivity[]): string | null {
  if (action !== 'session.ended' || session === null) return null;
  const opened = trail.find((one) => one.action === 'session.opened' && one.session === session);
  return opened === undefined || opened.actor.id === actor.id ? null : (opened.actor.name ?? opened.actor.id);
}

function Row({ one, listener }: { readonly one: RecordingActivity; readonly listener: string | null }) {
  const { t } = useTranslation('recording');
  const format = useFormat();
  const words = useWords();
  const { actor, purpose, heard_ms: heard, seconds } = one;
  const facts = [
    listener === null ? null : t('activity_listening_of', { name: listener }),
    purpose === null ? null : words.purpose(purpose),
    seconds === null ? null : t('activity_seconds', { time: formatLength(seconds * 1000) }),
    heard === null ? null : t('activity_handed_out', { time: formatLength(heard) }),
  ].filter((fact) => fact !== null);
  return (
    <li>
      <div className="row">
        <b className="m">{words.action(one.action, 'recording')}</b>
        <span className="grow" />
        <time className="mute num" dateTime={one.at} title={format.dateTime(one.at)}>
          {format.near(one.at)}
        </time>
      </div>
      <div className="dim">
        {[actor.type === 'system' ? t('system') : (actor.name ?? actor.id), ...facts].join(' · ')}
      </div>
    </li>
  );
}
