// Account page: passkeys, sign-ins, language, appearance, shortcuts.
import { Switch, useMantineColorScheme } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { useTitle } from '../../components/use-title.ts';
import { useWords } from '../../i18n/use-words.ts';
import { LanguageSwitch } from '../../shell/language-switch.tsx';
import { changeSettings, settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { Passkeys } from './passkeys.tsx';
import { SignIns } from './sign-ins.tsx';

export function AccountPage() {
  const { t } = useTranslation('account');
  useTitle(t('title'));
  const words = useWords();
  const { principal, tenant } = useMe();
  return (
    <div className="page scroll">
      <header className="head">
        <h1>{t('title')}</h1>
        <span className="dim sub-line">
          {principal.name} · {principal.roles.map(words.role).join(' · ')} · {tenant.name}
        </span>
      </header>
      <div className="cols">
        <div className="stack g4">
          <Passkeys />
          <SignIns />
        </div>
        <div className="stack g4">
          <Preferences />
        </div>
      </div>
    </div>
  );
}

function Preferences() {
  const { t } = useTranslation('account');
  const { t: shell } = useTranslation('shell');
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { findKeys, decideKeys, listKeys } = useStore(settings);
  return (
    <section className="card pad stack g4">
      <div className="field">
        <h2>{t('language')}</h2>
        <LanguageSwitch />
      </div>
      <fieldset className="field">
        <legend className="h2">{t('appearance')}</legend>
        <div className="seg">
          {(['auto', 'light', 'dark'] as const).map((scheme) => (
            <button
              key={scheme}
              type="button"
              aria-pressed={colorScheme === scheme}
              onClick={() => setColorScheme(scheme)}
            >
              {shell(`user.${scheme}`)}
            </button>
          ))}
        </div>
      </fieldset>
      <fieldset className="field">
        <legend className="h2">{t('shortcuts')}</legend>
        <Switch
          label={t('shortcuts_find')}
          checked={findKeys}
          onChange={({ currentTarget }) => changeSettings({ findKeys: currentTarget.checked })}
        />
        <Switch
          label={t('shortcuts_list')}
          checked={listKeys}
          onChange={({ currentTarget }) => changeSettings({ listKeys: currentTarget.checked })}
        />
        <Switch
          label={t('shortcuts_decide')}
          checked={decideKeys}
          onChange={({ currentTarget }) => changeSettings({ decideKeys: currentTarget.checked })}
        />
      </fieldset>
    </section>
  );
}
