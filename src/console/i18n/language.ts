// Language of the console: the person's choice, or else the browser's preference; switched without a reload.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { changeSettings, type Language, settings } from '../state/settings.ts';

const CATALOGUES = {
  en: async () => (await import('../../messages/en/every-page.ts')).englishOfEveryPage,
  'zh-CN': async () => (await import('../../messages/zh-CN/every-page.ts')).chineseOfEveryPage,
};

/** Texts that only their pages need. */
const PAGE_TEXTS = {
  assignments: {
    en: async () => (await import('../../messages/en/assignments.ts')).assignments,
    'zh-CN': async () => (await import('../../messages/zh-CN/assignments.ts')).assignments,
  },
  consent: {
    en: async () => (await import('../../messages/en/consent.ts')).consent,
    'zh-CN': async () => (await import('../../messages/zh-CN/consent.ts')).consent,
  },
  erasures: {
    en: async () => (await import('../../messages/en/erasures.ts')).erasures,
    'zh-CN': async () => (await import('../../messages/zh-CN/erasures.ts')).erasures,
  },
  holds: {
    en: async () => (await import('../../messages/en/holds.ts')).holds,
    'zh-CN': async () => (await import('../../messages/zh-CN/holds.ts')).holds,
  },
  keys: {
    en: async () => (await import('../../messages/en/keys.ts')).keys,
    'zh-CN': async () => (await import('../../messages/zh-CN/keys.ts')).keys,
  },
  completeness: {
    en: async () => (await import('../../messages/en/completeness.ts')).completeness,
    'zh-CN': async () => (await import('../../messages/zh-CN/completeness.ts')).completeness,
  },
  retentionPage: {
    en: async () => (await import('../../messages/en/retention-page.ts')).retentionPage,
    'zh-CN': async () => (await import('../../messages/zh-CN/retention-page.ts')).retentionPage,
  },
  subjects: {
    en: async () => (await import('../../messages/en/subjects.ts')).subjects,
    'zh-CN': async () => (await import('../../messages/zh-CN/subjects.ts')).subjects,
  },
  teams: {
    en: async () => (await import('../../messages/en/teams.ts')).teams,
    'zh-CN': async () => (await import('../../messages/zh-CN/teams.ts')).teams,
  },
};
type PageArea = keyof typeof PAGE_TEXTS;

/** Areas of pages that were opened, whose texts another language needs too. */
const opened = new Set<PageArea>();
let current: Language = 'en';

/** The initial language. */
export function chooseLanguage(chosen: Language | null, asked: readonly string[]): Language {
  if (chosen !== null) return chosen;
  for (const tag of asked) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}

async function addPageTexts(language: Language, area: PageArea): Promise<void> {
  i18next.addResourceBundle(language, area, await PAGE_TEXTS[area][language]());
}

/** Loads a page with the texts that only it needs. */
export async function withTexts<P>(area: PageArea, page: () => Promise<P>): Promise<P> {
  opened.add(area);
  const [loaded] = await Promise.all([page(), addPageTexts(current, area)]);
  return loaded;
}

async function applyLanguage(language: Language): Promise<void> {
  current = language;
  await Promise.all([...opened].map((area) => addPageTexts(language, area)));
  for (const [area, texts] of Object.entries(await CATALOGUES[language]())) {
    i18next.addResourceBundle(language, area, texts);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Loads the initial language before the first render. */
export async function startLanguage(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: {},
    defaultNS: 'shell',
    fallbackLng: false,
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await applyLanguage(chooseLanguage(settings.get().language, navigator.languages));
}

/** Switches to a language and stores the choice. */
export async function switchLanguage(language: Language): Promise<void> {
  changeSettings({ language });
  await applyLanguage(language);
}
