// What is being listened under just now: the player says so, the strip shows it and can end it.
import { createStore } from './store.ts';

/** The grant in use, and what ends the listening and leaves the grant. */
export type GrantInUse = { readonly grant: string; readonly finish: () => void };

/** Null where nobody listens in this window. */
export const grantInUse = createStore<GrantInUse | null>(null);
