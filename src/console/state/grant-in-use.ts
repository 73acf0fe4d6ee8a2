// What is being listened under just now: the player says so, the strip shows it and can end it.
import { createStore } from './store.ts';

/** The grant in use, and what ends the listening and leaves the grant. */
export type InUse = { readonly grant: string; readonly finish: () => void };

/** Null where nobody listens in this window. */
export const listening = createStore<InUse | null>(null);
