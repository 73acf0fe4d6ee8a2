// What each key does, for the help page and for the dialog that comes over any page.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../api/current-user.ts';
import { KEY_LINES } from '../player/controls/shortcuts.ts';
import { settings } from '../state/settings.ts';
import { useStore } from '../state/store.ts';

const EVERYWHERE = [
  [['/'], 'find'],
  [['?'], 'these_keys'],
  [['Esc'], 'close'],
] as const;
const APPROVALS = [
  [['J', 'K'], 'move'],
  [['A'], 'approve'],
  [['N'], 'narrow'],
  [['R'], 'refuse'],
] as const;
type Lines = readonly (readonly [keys: readonly string[], what: string])[];

/** The keys of the places that the person has. `onGo`: the link to the account was followed. */
export function KeyTables({ onGo }: { readonly onGo?: () => void }) {
  const { t } = useTranslation('help');
  const { t: player } = useTranslation('player');
  const me = useMe();
  const { findKeys, decideKeys } = useStore(settings);
  const everywhere = EVERYWHERE.filter(([, what]) => what !== 'find' || can(me, 'recording.read'));
  return (
    <div className="key-tables">
      <div className="stack g4">
        <Keys
          title={t('everywhere')}
          lines={everywhere.map(([keys, what]) => [keys, t(what)])}
          on={findKeys}
          {...{ onGo }}
        />
        {can(me, 'access.decide') ? (
          <Keys
            title={t('approvals')}
            lines={APPROVALS.map(([keys, what]) => [keys, t(what)])}
            on={decideKeys}
            {...{ onGo }}
          />
        ) : null}
      </div>
      {can(me, 'session.open') ? (
        <Keys title={t('player')} lines={KEY_LINES.map(({ keys, text }) => [keys, player(`key.${text}`)])} on />
      ) : null}
    </div>
  );
}

type KeysProps = {
  readonly title: string;
  readonly lines: Lines;
  readonly on: boolean;
  readonly onGo?: (() => void) | undefined;
};

function Keys({ title, lines, on, onGo }: KeysProps) {
  const { t } = useTranslation('help');
  return (
    <div className="stack">
      <h3 className="row">
        {title}
        {on ? null : (
          <Link to="/account" className="link" onClick={onGo}>
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
