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

const KEY = 'callvault.settings';
const FIRST: Settings = { language: null, findKeys: true, decideKeys: false };

function read(): Settings {
  try {
    return { ...FIRST, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>) };
  } catch {
    return FIRST;
  }
}

export const settings = createStore<Settings>(read());

/** Changes some of the settings and keeps them. */
export function choose(change: Partial<Settings>): void {
  settings.set({ ...settings.get(), ...change });
  try {
    localStorage.setItem(KEY, JSON.stringify(settings.get()));
  } catch {
    // A browser that keeps nothing still shows what was chosen.
  }
}
