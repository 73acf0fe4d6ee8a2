// One recording: its facts, the player where one may listen, and in words why not where one may not.
import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOf } from '../../api/problem.ts';
import type { Grant, Recording } from '../../api/types.ts';
import { useMe } from '../../api/who.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { ErrorPageOf } from '../../components/error-page.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { takeAskedToListen } from '../../player/asked-to-listen.ts';
import { isLive } from '../../player/machine.ts';
import { Player } from '../../player/player.tsx';
import { EndedCard, FailedCard, OpeningCard } from '../../player/state-cards.tsx';
import { type SideTab, Tabs } from '../../player/tabs.tsx';
import { type Listening, useListening } from '../../player/use-listening.ts';
import { recordingQuery } from '../ask/use-access.ts';
import { ActivityTab } from './activity-tab.tsx';
import { DetailsTab } from './details-tab.tsx';
import { RecordingHead } from './head.tsx';
import { FlatLanes, MayListen, MayNot } from './locked.tsx';
import { grantQuery } from './queries.ts';
import './recording.css';

export function RecordingPage() {
  const { t } = useTranslation('recording');
  const { id } = useParams({ from: '/shell/recordings/$id' });
  const found = useQuery(recordingQuery(id));
  if (found.data !== undefined) return <Loaded key={id} recording={found.data} />;
  if (found.error === null) {
    return (
      <div className="page">
        <Skeleton shape="lines" />
      </div>
    );
  }
  const status = problemOf(found.error)?.status ?? 0;
  if (status === 404 || status === 403 || status === 410) return <ErrorPageOf error={found.error} />;
  return (
    <div className="page">
      <ErrorCard error={found.error} title={t('not_loaded')} onRetry={() => void found.refetch()} />
    </div>
  );
}

function Loaded({ recording }: { readonly recording: Recording }) {
  const { t } = useTranslation('recording');
  const { t: from } = useSearch({ from: '/shell/recordings/$id' });
  const listening = useListening(recording, (from ?? 0) * 1000);
  const { state, session, over, open } = listening;
  const used = session?.grant ?? over?.grant ?? recording.access?.grant ?? null;
  const grant = useQuery({ ...grantQuery(used ?? ''), enabled: used !== null }).data;
  useKeptSession(listening, recording);
  const more: SideTab[] = [
    { id: 'details', label: t('details'), body: <DetailsTab recording={recording} /> },
    { id: 'activity', label: t('activity'), body: <ActivityTab recording={recording.id} /> },
  ];
  return (
    <div className="page recording">
      <RecordingHead recording={recording} more={isLive(state) || isClosed(state.name) ? null : more} />
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
        <Closed recording={recording} listening={listening} grant={grant} more={more} onOpen={open} />
      )}
    </div>
  );
}

/** Coming back to a session that is open goes on with it: that costs no use, so nobody is asked. */
function useKeptSession({ state, resume, open }: Listening, { access }: Recording): void {
  useEffect(() => {
    if (state.name !== 'approved' || access?.state !== 'listen') return;
    // The choice is taken here and not later: another page may be shown by then.
    const asked = takeAskedToListen();
    void resume().then((resumed) => (asked && !resumed ? open() : undefined));
  }, [state.name, access?.state, resume, open]);
}

type ClosedProps = {
  readonly recording: Recording;
  readonly listening: Listening;
  readonly grant: Grant | undefined;
  readonly more: readonly SideTab[];
  readonly onOpen: () => void;
};

/** States that have a card of their own beside the facts; the rest is asking. */
function isClosed(name: Listening['state']['name']): boolean {
  return name !== 'none' && name !== 'requested';
}

function Closed({ recording, listening, grant, more, onOpen }: ClosedProps) {
  const { t } = useTranslation('recording');
  const [tab, setTab] = useState('details');
  const { state } = listening;
  if (!isClosed(state.name)) return <MayNot recording={recording} />;
  return (
    <div className="split closed">
      <div className="left-col">
        {state.name === 'approved' ? (
          <MayListen recording={recording} onOpen={onOpen} />
        ) : (
          <>
            <ClosedCard {...{ recording, listening, grant, onOpen }} />
            <FlatLanes />
          </>
        )}
      </div>
      <Tabs tabs={more} label={t('details')} chosen={tab} onChoose={setTab} />
    </div>
  );
}

function ClosedCard({ recording, listening, grant, onOpen }: Omit<ClosedProps, 'more'>) {
  const tenant = useMe().tenant.name;
  const { state, over, retry } = listening;
  const { id, access } = recording;
  if (state.name === 'error')
    return <FailedCard failure={state.failure} recording={id} tenant={tenant} onRetry={retry} />;
  const name = OVER.find((one) => one === state.name);
  if (name === undefined) return <OpeningCard />;
  const again = access?.state === 'listen' ? onOpen : null;
  return <EndedCard name={name} recording={id} onListen={again} {...{ over, grant, tenant }} />;
}

const OVER = ['expired', 'revoked', 'suspended', 'finished', 'erased'] as const;
