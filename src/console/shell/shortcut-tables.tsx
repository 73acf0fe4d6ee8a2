// Shortcut tables, for the help page and the shortcuts dialog.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../api/current-user.ts';
import { SHORTCUT_LINES } from '../player/controls/shortcuts.ts';
import { settings } from '../state/settings.ts';
import { useStore } from '../state/store.ts';
import { isReviewer } from './nav-items.ts';

const GLOBAL_SHORTCUTS = [
  [['/'], 'find'],
  [['?'], 'these_keys'],
  [['Esc'], 'close'],
] as const;
const QUEUE_SHORTCUTS = [
  [['Enter'], 'listen'],
  [['J', 'K'], 'move_call'],
  [['D'], 'done'],
  [['R'], 'return'],
  [['L'], 'later'],
] as const;
const LIST_SHORTCUTS = [
  [['X'], 'choose'],
  [['Shift', 'X'], 'choose_range'],
  [['↑', '↓'], 'choose_move'],
] as const;
const APPROVAL_SHORTCUTS = [
  [['J', 'K'], 'move'],
  [['X'], 'choose'],
  [['Shift', 'X'], 'choose_range'],
  [['↑', '↓'], 'choose_move'],
  [['A'], 'approve'],
  [['N'], 'narrow'],
  [['R'], 'refuse'],
] as const;
type Lines = readonly (readonly [keys: readonly string[], what: string])[];

/** Shortcuts of the pages that the person can open. `onGo` is called when the link to the account is followed. */
export function ShortcutTables({ onGo }: { readonly onGo?: () => void }) {
  const { t } = useTranslation('help');
  const { t: player } = useTranslation('player');
  const me = useMe();
  const { findKeys, decideKeys, listKeys } = useStore(settings);
  const everywhere = GLOBAL_SHORTCUTS.filter(([, what]) => what !== 'find' || can(me, 'recording.read'));
  return (
    <div className="key-tables">
      <div className="stack g4">
        <ShortcutTable
          title={t('everywhere')}
          lines={everywhere.map(([keys, what]) => [keys, t(what)])}
          on={findKeys}
          {...{ onGo }}
        />
        {isReviewer(me) ? (
          <ShortcutTable
            title={t('queue')}
            lines={QUEUE_SHORTCUTS.map(([keys, what]) => [keys, t(what)])}
            on={listKeys}
            {...{ onGo }}
          />
        ) : null}
        {can(me, 'recording.read') ? (
          <ShortcutTable
            title={t('recordings')}
            lines={LIST_SHORTCUTS.map(([keys, what]) => [keys, t(what)])}
            on={listKeys}
            {...{ onGo }}
          />
        ) : null}
        {can(me, 'access.decide') ? (
          <ShortcutTable
            title={t('approvals')}
            lines={APPROVAL_SHORTCUTS.map(([keys, what]) => [keys, t(what)])}
            on={decideKeys}
            {...{ onGo }}
          />
        ) : null}
      </div>
      {can(me, 'session.open') ? (
        <ShortcutTable
          title={t('player')}
          lines={SHORTCUT_LINES.map(({ keys, text }) => [keys, player(`key.${text}`)])}
          on
        />
      ) : null}
    </div>
  );
}

type ShortcutTableProps = {
  readonly title: string;
  readonly lines: Lines;
  readonly on: boolean;
  readonly onGo?: (() => void) | undefined;
};

function ShortcutTable({ title, lines, on, onGo }: ShortcutTableProps) {
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
