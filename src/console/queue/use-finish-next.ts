// Finishing an assigned call on its own page, and going on to the next one with sound.
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { serverNow } from '../api/server-clock.ts';
import { notify } from '../components/notify.ts';
import { draftOf, isUnsaved } from '../player/comments/drafts.ts';
import { setListenIntent, takeListenIntent } from '../player/sound/listen-intent.ts';
import { useStore } from '../state/store.ts';
import { canHear } from './can-hear.ts';
import { inScreenOrder, itemAfter, laterGrants } from './order.ts';
import { queueQuery } from './queries.ts';
import type { QueuedCall } from './types.ts';
import { useFinish } from './use-finish.ts';

type Listening = {
  readonly sound: { readonly pause: () => void };
  /** The open session, and the one that ended on this page. */
  readonly session: unknown;
  readonly ended: unknown;
  readonly finish: () => void;
};

/** The call of a grant in the queue, with `goOn`, which marks it as done and plays the next one; null for others. */
export function useFinishNext(grant: string | null, listening: Listening) {
  const { t } = useTranslation('queue');
  const navigate = useNavigate();
  const later = useStore(laterGrants);
  const queue = useQuery({ ...queueQuery, enabled: grant !== null });
  const finish = useFinish();
  const calls = inScreenOrder(queue.data?.data ?? [], later);
  const call = calls.find(({ id }) => id === grant);
  if (call === undefined || grant === null) return null;
  const next = itemAfter(
    calls.filter((one) => one.id === grant || canHear(one, serverNow())),
    grant,
  );
  // The queue may have been read before the session that started the clock.
  const isStarted = call.started !== null || listening.session !== null || listening.ended !== null;
  const leave = (to: QueuedCall | null): void => {
    listening.finish();
    if (to === null) void navigate({ to: '/my-queue' });
    else void navigate({ to: '/recordings/$id', params: { id: to.recording } });
  };
  const goOn = (): void => {
    const isUnwritten = isUnsaved(draftOf(call.recording).get());
    if (!isStarted || isUnwritten) notify(t(isUnwritten ? 'unsaved' : 'listen_first'));
    if (!isStarted || isUnwritten || !finish.isReady()) return;
    listening.sound.pause();
    // Within the key or click: a browser may block sound that is asked for after the reply.
    if (next !== null) setListenIntent(next.recording);
    finish.done.mutate(grant, {
      onSuccess: () => leave(next),
      onError: () => (next === null ? undefined : takeListenIntent(next.recording)),
    });
  };
  return { call, isStarted, finish, goOn, more: next !== null, leave: () => leave(null) };
}
