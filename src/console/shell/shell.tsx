// Layout around every page of a signed-in person.

import { useNetwork } from '@mantine/hooks';
import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../api/current-user.ts';
import { whenOnline } from '../api/online.ts';
import { HeldBar } from '../components/held-log.tsx';
import { Skeleton } from '../components/skeleton.tsx';
import { useShortcuts } from '../components/use-shortcuts.ts';
import { settings } from '../state/settings.ts';
import { shortcutsShown } from '../state/shortcuts-shown.ts';
import { useStore } from '../state/store.ts';
import { ForbiddenPage } from './forbidden-page.tsx';
import { GrantStrip } from './grant-strip.tsx';
import { Nav } from './nav.tsx';
import { forbiddenItemAt } from './nav-items.ts';
import { TopBar } from './top-bar.tsx';
import { useDecisionNotifications } from './use-decision-notifications.tsx';
import { useLiveUpdates } from './use-live-updates.ts';

export function OfflineBar() {
  const { t } = useTranslation();
  const { online } = useNetwork();
  return (
    <div role="status" className={online ? 'sr' : 'offline'}>
      {online ? '' : t('state.offline_now')}
    </div>
  );
}

const KeysDialog = lazy(async () => ({
  default: (await whenOnline(() => import('./shortcuts-dialog.tsx'))).ShortcutsDialog,
}));

export function Shell() {
  const { t } = useTranslation();
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const before = useRef(pathname);
  const me = useMe();
  const closed = forbiddenItemAt(me, pathname);
  const { findKeys } = useStore(settings);
  const showsKeys = useStore(shortcutsShown);
  useShortcuts({ '?': () => shortcutsShown.set(true) }, findKeys);
  useLiveUpdates(can(me, 'access.read'));
  useDecisionNotifications(can(me, 'access.request'));
  useEffect(() => {
    // After navigation the focus moves to the new page; the first page is read from the top.
    if (before.current !== pathname) main.current?.focus({ preventScroll: true });
    before.current = pathname;
  }, [pathname]);
  return (
    <div className="app">
      <a className="skip btn" href="#main">
        {t('skip')}
      </a>
      <TopBar />
      <div className="wide-only nav-side">
        <Nav />
      </div>
      <main className="main" id="main" tabIndex={-1} ref={main}>
        <OfflineBar />
        {pathname === '/activity' ? null : <HeldBar />}
        <GrantStrip />
        {closed === null ? (
          <Suspense fallback={<Skeleton />}>
            <Outlet />
          </Suspense>
        ) : (
          <ForbiddenPage item={closed} />
        )}
      </main>
      {showsKeys ? (
        <Suspense fallback={null}>
          <KeysDialog />
        </Suspense>
      ) : null}
    </div>
  );
}
