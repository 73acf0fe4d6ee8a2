// Which grant is being listened under just now: the player says so, the strip shows it.
import { createStore } from '../components/store.ts';

/** The id of the grant in use, or null. */
export const listening = createStore<string | null>(null);
