// What a person has chosen on this device: language and single-key shortcuts. Nothing of it is secret.
import { createStore } from './store.ts';

export type Language = 'en' | 'zh-CN';
type Settings = {
  readonly language: Language | null;
  /** Keys that are on everywhere: / and ? */
  readonly findKeys: boolean;
  /** J K A N R of the approvals page. */
  readonly decideKeys: boolean;
};

const STORAGE_KEY = 'callvault.settings';
const DEFAULTS: Settings = { language: null, findKeys: true, decideKeys: false };

function loadSettings(): Settings {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as Partial<Settings>) };
  } catch {
    return DEFAULTS;
  }
}

export const settings = createStore<Settings>(loadSettings());

/** Changes some of the settings and keeps them. */
export function changeSettings(change: Partial<Settings>): void {
  settings.set({ ...settings.get(), ...change });
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(settings.get()));
  } catch {
    // A browser that keeps nothing still shows what was chosen.
  }
}
