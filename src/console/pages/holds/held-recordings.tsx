// The recordings of a hold, with their facts for those who may see them; some can be chosen to leave the hold.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AudioLines } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { problemOf } from '../../api/problem.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { recordingQuery } from '../ask/queries.ts';
import { LiftSome } from './lift.tsx';
import { type HeldRecording, type Hold, heldPages } from './queries.ts';

export function HeldRecordings({ hold }: { readonly hold: Hold }) {
  const { t } = useTranslation('holds');
  const me = useMe();
  const list = useInfiniteQuery(heldPages(hold.id));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const held = (list.data?.pages ?? []).flatMap(({ data }) => data);
  const lifts = hold.state !== 'lifted' && can(me, 'hold.place') && can(me, 'change.propose');
  const toggle = (id: string, on: boolean): void =>
    setChosen(on ? [...chosen, id] : chosen.filter((one) => one !== id));
  return (
    <section className="card list-card" aria-label={t('column.recordings')}>
      <div className="list-head">
        <h2>{t('recordings_title')}</h2>
        <span className="mute small">{t('recordings_hint')}</span>
      </div>
      {list.isPending ? <Skeleton rows={5} /> : null}
      {list.isError && list.data === undefined ? (
        <ErrorCard bare error={list.error} title={t('error_recordings')} onRetry={() => void list.refetch()} />
      ) : null}
      {list.isSuccess && held.length === 0 ? (
        <StateCard bare icon={AudioLines} title={t('no_recordings')}>
          {hold.continuing ? t('no_recordings_yet') : null}
        </StateCard>
      ) : null}
      {held.length === 0 ? null : (
        <ul className="held-list">
          {held.map((one) => (
            <Line
              key={one.recording}
              one={one}
              isChosen={chosen.includes(one.recording)}
              toggle={lifts && !one.lifted ? (on) => toggle(one.recording, on) : null}
            />
          ))}
        </ul>
      )}
      {list.hasNextPage || chosen.length > 0 ? (
        <div className="tfoot">
          {chosen.length === 0 ? null : <LiftSome hold={hold} recordings={chosen} done={() => setChosen([])} />}
          <span className="grow" />
          {list.hasNextPage ? (
            <button
              type="button"
              className="btn s"
              disabled={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              {t('more')}
            </button>
          ) : null}
        </div>
      ) : null}
    </section>
  );
}

type LineProps = {
  readonly one: HeldRecording;
  readonly isChosen: boolean;
  /** Null where it cannot leave the hold. */
  readonly toggle: ((on: boolean) => void) | null;
};

function Line({ one: { recording, covered, lifted }, isChosen, toggle }: LineProps) {
  const { t } = useTranslation('holds');
  const isReader = can(useMe(), 'recording.read');
  const { data, error } = useQuery({ ...recordingQuery(recording), enabled: isReader, refetchInterval: false });
  const name = useCallFacts()(data);
  const gone = problemOf(error)?.status === 410;
  return (
    <li className={lifted ? 'off' : undefined}>
      {toggle === null ? (
        <span className="no-box" />
      ) : (
        <input
          type="checkbox"
          className="box"
          aria-label={t('choose', { recording: name ?? recording })}
          checked={isChosen}
          onChange={({ currentTarget: { checked } }) => toggle(checked)}
        />
      )}
      <span className="grow held-what">
        {name === null ? null : (
          <span className="held-name">
            <UserText text={name} />
          </span>
        )}
        {isReader && !gone ? (
          <Link to="/recordings/$id" params={{ id: recording }} className="link mono small">
            {recording}
          </Link>
        ) : (
          <span className="mono small mute">{recording}</span>
        )}
      </span>
      {gone ? <span className="tag">{t('erased')}</span> : null}
      {lifted ? (
        <span className="tag">{t('left')}</span>
      ) : covered ? null : (
        <span className="tag wait">{t('storing')}</span>
      )}
    </li>
  );
}

type CallFacts = {
  readonly started_at: string;
  readonly direction: string | null;
  readonly queue: string | null;
  readonly from_masked: string | null;
};

/** When the call was, which way and in which queue. */
function useCallFacts(): (facts: CallFacts | undefined) => string | null {
  const format = useFormat();
  const words = useWords();
  return (facts) => {
    if (facts === undefined) return null;
    const { started_at: at, direction, queue, from_masked: from } = facts;
    const parts = [format.dateTime(at), direction === null ? null : words.direction(direction), queue, from];
    return parts.filter((part) => part !== null).join(' · ');
  };
}
