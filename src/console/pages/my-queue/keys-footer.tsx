// Keys of the queue, under its list.
import { useTranslation } from 'react-i18next';
import { changeSettings, settings } from '../../state/settings.ts';
import { shortcutsShown } from '../../state/shortcuts-shown.ts';
import { useStore } from '../../state/store.ts';

const KEYS = [
  [['J', 'K'], 'move'],
  [['Enter'], 'listen'],
  [['D'], 'done'],
  [['R'], 'return'],
  [['L'], 'later'],
] as const;

export function KeysFooter() {
  const { t } = useTranslation('queue');
  const { listKeys } = useStore(settings);
  return (
    <footer className="mq-keys">
      {KEYS.filter(([keys]) => listKeys || keys[0] === 'Enter').map(([keys, what]) => (
        <span key={what}>
          {keys.map((key) => (
            <kbd key={key}>{key}</kbd>
          ))}
          {t(`keys.${what}`)}
        </span>
      ))}
      <span>
        <kbd>?</kbd>
        <button type="button" className="link" onClick={() => shortcutsShown.set(true)}>
          {t('keys.all')}
        </button>
      </span>
      {listKeys ? null : (
        <span>
          {t('keys.off')}
          <button type="button" className="link" onClick={() => changeSettings({ listKeys: true })}>
            {t('keys.turn_on')}
          </button>
        </span>
      )}
    </footer>
  );
}
