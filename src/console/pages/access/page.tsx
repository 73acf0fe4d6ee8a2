// "My access" page: live grants, waiting requests, past requests.
import './access.css';
import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../components/use-title.ts';
import { ActiveGrants } from './active-grants.tsx';
import { OwnRequests } from './own-requests.tsx';

const TABS = ['active', 'pending', 'past'] as const;

export function AccessPage() {
  const { t } = useTranslation('access');
  useTitle(t('title'));
  const navigate = useNavigate();
  const { tab = 'active' } = useSearch({ from: '/shell/access' });
  const turn = (value: string | null): void => {
    const next = TABS.find((one) => one === value) ?? 'active';
    void navigate({ to: '/access', search: next === 'active' ? {} : { tab: next }, replace: true });
  };
  return (
    <div className="page scroll acc-page">
      <header className="head">
        <h1>{t('title')}</h1>
      </header>
      <Tabs value={tab} onChange={turn} keepMounted={false} classNames={{ tab: 'acc-tab', panel: 'acc-panel' }}>
        <Tabs.List aria-label={t('title')}>
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`tabs.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="active">
          <ActiveGrants />
        </Tabs.Panel>
        <Tabs.Panel value="pending">
          <OwnRequests tab="pending" />
        </Tabs.Panel>
        <Tabs.Panel value="past">
          <OwnRequests tab="past" />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
