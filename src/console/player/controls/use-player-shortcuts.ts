// Shortcuts of the player, active only while the player or the transcript has the focus.
import { type RefObject, useEffect, useRef } from 'react';
import { NO_LOOP, withEnd, withStart } from '../sound/loop.ts';
import type { Sound } from '../sound/sound.ts';
import type { Zoom } from '../timeline/zoom.tsx';
import { actionForKey, keepsKey, type PlayerAction, stepSpeed } from './shortcuts.ts';

export type KeyTargets = {
  readonly turn: (by: 1 | -1) => void;
  readonly comment: () => void;
  readonly find: () => void;
  readonly follow: () => void;
  readonly goTo: () => void;
  readonly zoom: Pick<Zoom, 'step' | 'reset'>;
  readonly help: () => void;
  readonly close: () => void;
};

/** Listens on `root`; elements that accept the keys carry `data-player-keys`. */
export function usePlayerKeys(root: RefObject<HTMLElement | null>, sound: Sound, targets: KeyTargets): void {
  const latest = useRef(targets);
  latest.current = targets;
  useEffect(() => {
    const box = root.current;
    if (box === null) return undefined;
    const press = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.isComposing || event.defaultPrevented || !(target instanceof HTMLElement)) return;
      if (target.closest('[data-player-keys], .script') === null) return;
      const focused = { tag: target.tagName.toLowerCase(), role: target.role, type: target.getAttribute('type') };
      const action = keepsKey(focused, event) ? null : actionForKey(event);
      if (action === null) return;
      event.preventDefault();
      // The shell uses the same key for its own help.
      event.stopPropagation();
      act(action, sound, latest.current);
    };
    box.addEventListener('keydown', press);
    return () => box.removeEventListener('keydown', press);
  }, [root, sound]);
}

function act(action: PlayerAction, sound: Sound, targets: KeyTargets): void {
  const { speed, volume, muted, loop, skipSilence } = sound.state.get();
  switch (action.do) {
    case 'toggle':
      sound.toggle();
      break;
    case 'by':
      sound.seek(sound.position() + action.ms);
      break;
    case 'to-share':
      sound.seek(sound.duration() * action.share);
      break;
    case 'volume': {
      const louder = Math.min(1, Math.max(0, Math.round((volume + action.by) * 10) / 10));
      sound.change({ volume: louder, muted: false });
      break;
    }
    case 'mute':
      sound.change({ muted: !muted });
      break;
    case 'faster':
      sound.change({ speed: stepSpeed(speed, 1) });
      break;
    case 'slower':
      sound.change({ speed: stepSpeed(speed, -1) });
      break;
    case 'next-turn':
      targets.turn(1);
      break;
    case 'previous-turn':
      targets.turn(-1);
      break;
    case 'skip-silence':
      sound.change({ skipSilence: !skipSilence });
      break;
    case 'range-start':
      sound.change({ loop: withStart(loop, sound.position()) });
      break;
    case 'range-end':
      sound.change({ loop: withEnd(loop, sound.position()) });
      break;
    case 'range-clear':
      sound.change({ loop: NO_LOOP });
      break;
    case 'follow':
      targets.follow();
      break;
    case 'comment':
      targets.comment();
      break;
    case 'go-to':
      targets.goTo();
      break;
    case 'zoom':
      targets.zoom.step(action.by);
      break;
    case 'zoom-reset':
      targets.zoom.reset();
      break;
    case 'search':
      targets.find();
      break;
    case 'help':
      targets.help();
      break;
    case 'close':
      targets.close();
      break;
  }
}
