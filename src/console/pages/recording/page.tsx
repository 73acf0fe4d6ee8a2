// Page of one recording: its facts, and the player, or the reason why listening is not possible.
import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { problemOf } from '../../api/problem.ts';
import { grantQuery } from '../../api/queries.ts';
import { useCurrentAccess } from '../../api/server-clock.ts';
import type { Grant, OneRecording, Recording } from '../../api/types.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { ErrorPageFor } from '../../components/error-page.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { type SideTab, Tabs } from '../../components/tabs.tsx';
import { Player } from '../../player/player.tsx';
import { keptSessionFor } from '../../player/session/kept-sessions.ts';
import { isLive } from '../../player/session/player-state.ts';
import { type Listening, useListening } from '../../player/session/use-listening.ts';
import { listenIntent, takeListenIntent } from '../../player/sound/listen-intent.ts';
import { EndedCard, FailedCard, OpeningCard } from '../../player/states/state-cards.tsx';
import { AssignedBar } from '../../queue/assigned-bar.tsx';
import { useFinishNext } from '../../queue/use-finish-next.ts';
import { useStore } from '../../state/store.ts';
import { recordingQuery } from '../ask/queries.ts';
import { ActivityTab } from './activity-tab.tsx';
import { ChangesTab } from './changes-tab.tsx';
import { DetailsTab } from './details-tab.tsx';
import { RecordingHead } from './head.tsx';
import { AccessNeededCard, GrantReadyCard, PlaceholderLanes } from './without-session.tsx';
import './recording.css';

export function RecordingPage() {
  const { t } = useTranslation('recording');
  const { id } = useParams({ from: '/shell/recordings/$id' });
  // A "Listen" click on this page must not start playback on a later visit.
  useEffect(() => () => void takeListenIntent(id), [id]);
  const found = useQuery(recordingQuery(id));
  if (found.data !== undefined) return <Loaded key={id} read={found.data} readAt={found.dataUpdatedAt} />;
  if (found.error === null) {
    return (
      <div className="page">
        <Skeleton shape="lines" />
      </div>
    );
  }
  const status = problemOf(found.error)?.status ?? 0;
  if (status === 404 || status === 403 || status === 410) return <ErrorPageFor error={found.error} />;
  return (
    <div className="page">
      <ErrorCard error={found.error} title={t('not_loaded')} onRetry={() => void found.refetch()} />
    </div>
  );
}

type LoadedProps = {
  readonly read: OneRecording;
  /** Time of the read, by the browser's clock. */
  readonly readAt: number;
};

function Loaded({ read, readAt }: LoadedProps) {
  const recording = useCurrentAccess(read);
  const { t } = useTranslation('recording');
  const { t: from } = useSearch({ from: '/shell/recordings/$id' });
  const listening = useListening(recording, (from ?? 0) * 1000);
  const { state, session, ended: over, open } = listening;
  const used = session?.grant ?? over?.grant ?? recording.access?.grant ?? null;
  const grant = useQuery({ ...grantQuery(used ?? ''), enabled: used !== null }).data;
  useResumedSession(listening, recording);
  const assigned = useFinishNext(grant !== undefined && grant.batch !== null ? grant.id : null, listening);
  // Facts that were read before listening ended do not count the use that it took.
  const canOpen = recording.access.state === 'listen' && (over === null || readAt >= over.at);
  const more: SideTab[] = [
    { id: 'details', label: t('details'), body: <DetailsTab recording={recording} /> },
    { id: 'changes', label: t('changes'), body: <ChangesTab recording={recording.id} /> },
    { id: 'activity', label: t('activity'), body: <ActivityTab recording={recording.id} /> },
  ];
  return (
    <div className="page recording">
      <RecordingHead recording={recording} more={isLive(state) || isClosed(state.name) ? null : more} />
      {assigned === null ? null : <AssignedBar {...assigned} />}
      {session !== null && isLive(state) ? (
        <Player
          key={session.id}
          listening={listening}
          session={session}
          recording={recording}
          allowed={grant?.objects ?? null}
          more={more}
        />
      ) : (
        <Closed recording={recording} listening={listening} grant={grant} more={more} onOpen={canOpen ? open : null} />
      )}
    </div>
  );
}

/** States before the first session. */
const STATES_BEFORE_LISTENING: readonly string[] = ['none', 'requested', 'approved'];

/** Resumes a session that is still open, which takes no use. Only a click opens a new one and plays. */
function useResumedSession({ state, sound, resume, open }: Listening, { id, access }: Recording): void {
  const asked = useStore(listenIntent) === id;
  const mayOpen = access.state === 'listen';
  useEffect(() => {
    if (state.name === 'opening') return;
    if (isLive(state)) {
      if (asked && takeListenIntent(id)) sound.play();
      return;
    }
    const comesBack = STATES_BEFORE_LISTENING.includes(state.name) && keptSessionFor(id) !== null;
    if (!comesBack && !(mayOpen && asked)) return;
    // The "Listen" click is taken now: another page may be shown when the promise settles.
    const plays = takeListenIntent(id);
    void resume(plays).then((resumed) => (plays && mayOpen && !resumed ? open() : undefined));
  }, [state, asked, mayOpen, id, sound, resume, open]);
}

type ClosedProps = {
  readonly recording: Recording;
  readonly listening: Listening;
  readonly grant: Grant | undefined;
  readonly more: readonly SideTab[];
  /** Null if the grant can open no session. */
  readonly onOpen: (() => void) | null;
};

/** Whether the state has a card next to the facts; otherwise the request form is shown. */
function isClosed(name: Listening['state']['name']): boolean {
  return name !== 'none' && name !== 'requested';
}

function Closed({ recording, listening, grant, more, onOpen }: ClosedProps) {
  const { t } = useTranslation('recording');
  const [tab, setTab] = useState('details');
  const { state } = listening;
  if (!isClosed(state.name)) return <AccessNeededCard recording={recording} />;
  return (
    <div className="split closed">
      <div className="left-col">
        {state.name === 'approved' && onOpen !== null ? (
          <GrantReadyCard recording={recording} onOpen={onOpen} />
        ) : (
          <>
            <ClosedCard {...{ recording, listening, grant, onOpen }} />
            <PlaceholderLanes />
          </>
        )}
      </div>
      <Tabs tabs={more} label={t('details')} chosen={tab} onChoose={setTab} />
    </div>
  );
}

function ClosedCard({ recording, listening, grant, onOpen }: Omit<ClosedProps, 'more'>) {
  const tenant = useMe().tenant.name;
  const { state, ended: over, retry } = listening;
  const { id } = recording;
  if (state.name === 'error')
    return <FailedCard failure={state.failure} recording={id} tenant={tenant} onRetry={retry} />;
  const name = ENDED_STATES.find((one) => one === state.name);
  if (name === undefined) return <OpeningCard />;
  return <EndedCard name={name} recording={id} onListen={onOpen} {...{ over, grant, tenant }} />;
}

const ENDED_STATES = ['expired', 'revoked', 'suspended', 'finished', 'erased'] as const;
