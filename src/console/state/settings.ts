// Settings of a person on this device: language and single-key shortcuts. None is secret.
import { createStore } from './store.ts';

export type Language = 'en' | 'zh-CN';
type Settings = {
  readonly language: Language | null;
  /** Shortcuts on every page: / and ? */
  readonly findKeys: boolean;
  /** Shortcuts of the approvals page: J K A N R */
  readonly decideKeys: boolean;
  /** Shortcuts in lists of calls: X, and J K D R L in the queue */
  readonly listKeys: boolean;
};

const STORAGE_KEY = 'callvault.settings';
const DEFAULTS: Settings = { language: null, findKeys: true, decideKeys: false, listKeys: true };

function loadSettings(): Settings {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as Partial<Settings>) };
  } catch {
    return DEFAULTS;
  }
}

export const settings = createStore<Settings>(loadSettings());

/** Changes some of the settings and stores them. */
export function changeSettings(change: Partial<Settings>): void {
  settings.set({ ...settings.get(), ...change });
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(settings.get()));
  } catch {
    // Without storage the settings still apply until the page is closed.
  }
}
