// Top bar: tenant, search, language, person; on small screens search and navigation are in a drawer.
import { Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { Menu as MenuIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../api/current-user.ts';
import { LanguageSwitch } from './language-switch.tsx';
import { Logo } from './logo.tsx';
import { Nav } from './nav.tsx';
import { SearchBox } from './search-box.tsx';
import { UserMenu } from './user-menu.tsx';

export function TopBar() {
  const { t } = useTranslation();
  const me = useMe();
  const [opened, { open, close }] = useDisclosure(false);
  const finds = can(me, 'recording.read');
  return (
    <header className="top">
      <Link to="/" className="brand" aria-label={t('product')}>
        <Logo />
        <span className="brand-name">{t('product')}</span>
      </Link>
      <div className="tenant cut">{me.tenant.name}</div>
      <div className="tools wide-only">
        {finds ? <SearchBox /> : null}
        <LanguageSwitch />
        <UserMenu />
      </div>
      <button type="button" className="btn q sq narrow-only burger" aria-label={t('menu')} onClick={open}>
        <MenuIcon className="i l" />
      </button>
      <Drawer
        opened={opened}
        onClose={close}
        position="right"
        size={300}
        title={t('menu')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <div className="stack g4">
          {finds ? <SearchBox onGo={close} /> : null}
          <Nav onGo={close} />
          <div className="row">
            <LanguageSwitch />
            <span className="grow" />
            <UserMenu />
          </div>
        </div>
      </Drawer>
    </header>
  );
}
