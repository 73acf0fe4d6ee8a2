// A click on "Listen" means it: the page it leads to opens a session and plays, once. Loading an address does not.
import { createStore } from '../../state/store.ts';

/** The recording whose "Listen" was clicked and whose page has not played it yet; null where there is none. */
export const listenIntent = createStore<string | null>(null);
let unlocked: HTMLAudioElement | null = null;

/**
 * To be called in the task of the click. Browsers that let sound begin only there keep what the click allowed with the
 * element that it touched, so the element is made here and waits for the page.
 */
export function setListenIntent(recording: string): void {
  unlocked = new Audio();
  unlocked.load();
  listenIntent.set(recording);
}

/** The element that the click has touched, for one player; null without a click. */
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
