// Whether the shortcuts dialog is open.
import { createStore } from './store.ts';

export const shortcutsShown = createStore(false);
