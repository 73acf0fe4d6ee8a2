// Pending "Listen" click: the recording's page opens a session and plays once. Loading an address does not.
import { createStore } from '../../state/store.ts';

/** The recording whose "Listen" was clicked and has not played yet; null without one. */
export const listenIntent = createStore<string | null>(null);
let unlocked: HTMLAudioElement | null = null;

/**
 * Call this in the task of the click. Some browsers allow sound only from an element that the click touched, so the
 * element is created here and handed to the page later.
 */
export function setListenIntent(recording: string): void {
  unlocked = new Audio();
  unlocked.load();
  listenIntent.set(recording);
}

/** The unlocked element for one player; null without a click. */
export function takeUnlockedMedia(): HTMLAudioElement | null {
  const media = unlocked;
  unlocked = null;
  return media;
}

/** Whether this recording's "Listen" was clicked; true once for each click. */
export function takeListenIntent(recording: string): boolean {
  if (listenIntent.get() !== recording) return false;
  listenIntent.set(null);
  return true;
}
