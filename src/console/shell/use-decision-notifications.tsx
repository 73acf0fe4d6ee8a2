// Notifications about decisions of other people on one's own requests and grants, on every page except the recording's,
// which shows the decision itself.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/current-user.ts';
import { grantQuery, requestQuery } from '../api/queries.ts';
import type { Grant, OneAccessRequest } from '../api/types.ts';
import { useCallName } from '../components/call-name.ts';
import { dismissNotification, notifyAbout } from '../components/notify.ts';
import { UserText } from '../components/user-text.tsx';
import { useWords } from '../i18n/use-words.ts';
import { onAccessEvent } from '../live/event-stream.ts';
import type { AccessEvent } from '../live/messages.ts';
import { canPlay } from '../player/session/kept-sessions.ts';
import { setListenIntent } from '../player/sound/listen-intent.ts';

type Listener = (event: AccessEvent) => Promise<void>;

/** Notifies while the shell is mounted. */
export function useDecisionNotifications(on: boolean): void {
  const latest = useRef<Listener>(() => Promise.resolve());
  latest.current = useListener();
  useEffect(() => {
    if (!on) return undefined;
    // If this read fails, the recording's page still shows the decision.
    return onAccessEvent((event) => void latest.current(event).catch(() => undefined));
  }, [on]);
}

function useListener(): Listener {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const words = useWords();
  const callName = useCallName();
  const me = useMe().principal.id;

  const about = (facts: Grant['recording_facts'], purpose: string): string =>
    [facts === null ? null : callName(facts), words.purpose(purpose)].filter((part) => part !== null).join(' · ');

  const decided = ({ decisions, recording_facts: facts, purpose, recording, state, grant }: OneAccessRequest): void => {
    const last = decisions.at(-1);
    const name = words.person(last?.approver_name);
    if (state === 'approved') {
      const listen = (): void => {
        setListenIntent(recording);
        void navigate({ to: '/recordings/$id', params: { id: recording } });
      };
      const offer = grant !== null && canPlay(grant) ? listen : null;
      const content = <DecisionNotification text={about(facts, purpose)} onListen={offer} />;
      notifyAbout(recording, t('news.approved', { name }), content, 'yes');
    }
    if (state === 'denied') {
      const content = <DecisionNotification text={about(facts, purpose)} reason={last?.reason ?? null} />;
      notifyAbout(recording, t('news.denied', { name }), content, 'no');
    }
  };

  return async ({ type, request, grant, recording }) => {
    // Removes the notification that offers an ended grant, for any reason of its end.
    if (recording !== undefined && (type === 'revoked' || type === 'grant_expired')) dismissNotification(recording);
    if (recording !== undefined && isShown(recording)) return;
    if ((type === 'approved' || type === 'denied') && request !== undefined) {
      const found = await client.fetchQuery({ ...requestQuery(request), staleTime: 0 });
      if (found.requester === me) decided(found);
    }
    if (type === 'revoked' && grant !== undefined) {
      const found = await client.fetchQuery({ ...grantQuery(grant), staleTime: 0 });
      const { revoked, recording_facts: facts, purpose } = found;
      if (found.person !== me || revoked === null || revoked.by.id === me) return;
      const title = t('news.revoked', { name: words.person(revoked.by.name) });
      notifyAbout(
        found.recording,
        title,
        <DecisionNotification text={about(facts, purpose)} reason={revoked.reason} />,
        'no',
      );
    }
  };
}

/** Whether a page of this recording is open. */
function isShown(recording: string): boolean {
  const { pathname } = location;
  return pathname === `/recordings/${recording}` || pathname.startsWith(`/recordings/${recording}/`);
}

type DecisionNotificationProps = {
  readonly text: string;
  readonly reason?: string | null;
  readonly onListen?: (() => void) | null;
};

function DecisionNotification({ text, reason = null, onListen = null }: DecisionNotificationProps) {
  const { t } = useTranslation();
  return (
    <>
      {text}
      {reason === null ? null : (
        <>
          <br />
          <UserText text={t('news.said', { reason })} />
        </>
      )}
      {onListen === null ? null : (
        <button type="button" className="btn s p news-act" onClick={onListen}>
          <Play className="i s fill" />
          {t('strip.listen')}
        </button>
      )}
    </>
  );
}
