// What can be done with the shown call, by button or by key.
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { serverNow } from '../../api/server-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { setListenIntent } from '../../player/sound/listen-intent.ts';
import { canHear } from '../../queue/can-hear.ts';
import { putLater } from '../../queue/order.ts';
import type { QueuedCall } from '../../queue/types.ts';
import type { useFinish } from '../../queue/use-finish.ts';

type Args = {
  readonly calls: readonly QueuedCall[];
  readonly current: QueuedCall | undefined;
  readonly say: (text: string) => void;
  readonly choose: (id: string) => void;
  readonly finish: ReturnType<typeof useFinish>;
  /** Asks for the reason of a return. */
  readonly giveBack: (call: QueuedCall) => void;
  /** Called when a call has left the queue, with what to say of it. */
  readonly left: (id: string, text: string) => void;
};

export type CallActions = {
  readonly listen: () => void;
  readonly done: () => void;
  readonly giveBack: () => void;
  readonly later: () => void;
  /** False while a call is being finished. */
  readonly ready: boolean;
};

/** Does nothing without a call. */
export function useActions({ calls, current, say, choose, finish, giveBack, left }: Args): CallActions {
  const { t } = useTranslation('queue');
  const format = useFormat();
  const navigate = useNavigate();
  const { done, giveBack: returning, isReady } = finish;
  const first = calls.find(({ id }) => id !== current?.id);
  return {
    listen: () => {
      if (current === undefined || !canHear(current, serverNow())) return;
      setListenIntent(current.recording);
      void navigate({ to: '/recordings/$id', params: { id: current.recording } });
    },
    done: () => {
      if (current === undefined || !isReady()) return;
      const { id, started } = current;
      const others = calls.length - 1;
      const text = others === 0 ? t('finished_all') : t('finished', { left: others });
      if (started === null) say(t('listen_first'));
      else done.mutate(id, { onSuccess: () => left(id, text) });
    },
    giveBack: () => {
      if (current !== undefined && isReady()) giveBack(current);
    },
    later: () => {
      if (current === undefined || first === undefined) return;
      putLater(current.id);
      choose(first.id);
      say(t('moved_later', { time: format.due(current.opens_until ?? current.expires) }));
    },
    ready: !done.isPending && !returning.isPending,
  };
}
