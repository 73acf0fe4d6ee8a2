// Whether the list of keys lies over the page.
import { createStore } from './store.ts';

export const shortcutsShown = createStore(false);
