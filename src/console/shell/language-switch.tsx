// Switch between Chinese and English that keeps the current page.
import { useTranslation } from 'react-i18next';
import { switchLanguage } from '../i18n/language.ts';

const LANGUAGES = [
  ['zh-CN', '中文'],
  ['en', 'EN'],
] as const;

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <fieldset className="lang">
      <legend className="sr">{t('language')}</legend>
      {LANGUAGES.map(([language, name]) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={i18n.language === language}
          onClick={() => void switchLanguage(language)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
