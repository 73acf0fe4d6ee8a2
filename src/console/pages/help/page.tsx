// Help page: why a recording cannot be played, the way from finding to listening, and the shortcuts.
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../components/use-title.ts';
import { ShortcutTables } from '../../shell/shortcut-tables.tsx';

export function HelpPage() {
  const { t } = useTranslation('help');
  useTitle(t('title'));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="page scroll" aria-label={t('title')} tabIndex={0}>
      <header className="head">
        <h1>{t('title')}</h1>
      </header>
      <div className="cols">
        <div className="stack g4">
          <section className="card pad stack">
            <h2>{t('hear')}</h2>
            <p className="dim">{t('hear_text')}</p>
          </section>
          <section className="card pad stack">
            <h2>{t('steps')}</h2>
            <ol className="steps">
              {(['step_find', 'step_ask', 'step_listen', 'step_log'] as const).map((step) => (
                <li key={step}>{t(step)}</li>
              ))}
            </ol>
          </section>
        </div>
        <section className="card pad stack g4">
          <h2>{t('keys')}</h2>
          <ShortcutTables />
        </section>
      </div>
    </section>
  );
}
