// Help: why a recording cannot be heard, the way from finding to hearing, and the keys.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { settings } from '../../components/settings.ts';
import { useStore } from '../../components/store.ts';
import { useTitle } from '../../components/use-title.ts';
import { KEY_LINES } from '../../player/keys.ts';

const EVERYWHERE = [
  [['/'], 'find'],
  [['?'], 'this_page'],
  [['Esc'], 'close'],
] as const;
const APPROVALS = [
  [['J', 'K'], 'move'],
  [['A'], 'approve'],
  [['N'], 'narrow'],
  [['R'], 'refuse'],
] as const;
type Lines = readonly (readonly [keys: readonly string[], what: string])[];

export function HelpPage() {
  const { t } = useTranslation('help');
  const { t: player } = useTranslation('player');
  useTitle(t('title'));
  const { findKeys, decideKeys } = useStore(settings);
  return (
    <div className="page scroll">
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
          <Keys title={t('everywhere')} lines={EVERYWHERE.map(([keys, what]) => [keys, t(what)])} on={findKeys} />
          <Keys title={t('approvals')} lines={APPROVALS.map(([keys, what]) => [keys, t(what)])} on={decideKeys} />
          <Keys title={t('player')} lines={KEY_LINES.map(({ keys, text }) => [keys, player(`key.${text}`)])} on />
        </section>
      </div>
    </div>
  );
}

function Keys({ title, lines, on }: { readonly title: string; readonly lines: Lines; readonly on: boolean }) {
  const { t } = useTranslation('help');
  return (
    <div className="stack">
      <h3 className="row">
        {title}
        {on ? null : (
          <Link to="/account" className="link">
            {t('off')}
          </Link>
        )}
      </h3>
      <dl className="key-list">
        {lines.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
