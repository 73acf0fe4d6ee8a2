// Page for an address that the person's roles do not include, with a link to one that they do.
import { Link } from '@tanstack/react-router';
import { Lock } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/current-user.ts';
import { StateCard } from '../components/state-card.tsx';
import { useTitle } from '../components/use-title.ts';
import { useWords } from '../i18n/use-words.ts';
import { type NavItem, navItemsFor } from './nav-items.ts';

export function ForbiddenPage({ item }: { readonly item: NavItem }) {
  const { t } = useTranslation();
  const words = useWords();
  const me = useMe();
  useTitle(t('pages.forbidden'));
  const first = navItemsFor(me)[0];
  const page = first === undefined ? t('user.account') : t(`nav.${first.name}`);
  return (
    <div className="page center">
      <StateCard
        level={1}
        icon={Lock}
        title={t('pages.forbidden')}
        action={
          <Link to={first?.to ?? '/account'} className="btn s">
            {t('pages.go_to', { page })}
          </Link>
        }
      >
        {t('pages.closed_text', {
          roles: me.principal.roles.map(words.role).join(' · '),
          page: t(`nav.${item.name}`),
        })}
      </StateCard>
    </div>
  );
}
