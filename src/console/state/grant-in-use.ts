// Grant that the person is listening under: set by the player, shown and ended by the grant strip.
import { createStore } from './store.ts';

/** The grant in use. `finish` ends listening and keeps the grant. */
export type GrantInUse = { readonly grant: string; readonly finish: () => void };

/** Null while no session is open in this window. */
export const grantInUse = createStore<GrantInUse | null>(null);
