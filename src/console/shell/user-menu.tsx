// Menu of the signed-in person: account, appearance, signing out.
import { Menu, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronDown, LogOut, Monitor, Moon, Sun, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/current-user.ts';
import { firstPasskeyUntil } from '../api/first-passkey.ts';
import { Avatar } from '../components/avatar.tsx';
import { ConfirmDialog } from '../components/confirm.tsx';
import { useWords } from '../i18n/use-words.ts';
import { signOut } from './sign-out.ts';

const SCHEMES = [
  ['auto', Monitor],
  ['light', Sun],
  ['dark', Moon],
] as const;

export function UserMenu() {
  const { t } = useTranslation();
  const words = useWords();
  const navigate = useNavigate();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const me = useMe();
  const { principal } = me;
  const hasNone = firstPasskeyUntil(me) !== null;
  const [asking, { open, close }] = useDisclosure(false);
  const roles = principal.roles.map(words.role).join(' · ');
  return (
    <>
      <Menu position="bottom-end" width={hasNone ? 272 : 232}>
        <Menu.Target>
          <button type="button" className="who" aria-label={t('user.label', { name: principal.name })}>
            <Avatar name={principal.name} />
            <span className="who-tx">
              <span className="n">{principal.name}</span>
              <span className="ro">{roles}</span>
            </span>
            <ChevronDown className="i s" />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<UserRound className="i" />}
            rightSection={hasNone ? <span className="tag wait">{t('user.no_passkey')}</span> : null}
            onClick={() => void navigate({ to: '/account' })}
          >
            {t('user.account')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{t('user.theme')}</Menu.Label>
          <Menu.RadioGroup
            value={colorScheme}
            onChange={(scheme) => setColorScheme(scheme as (typeof SCHEMES)[number][0])}
          >
            {SCHEMES.map(([scheme, Icon]) => (
              <Menu.RadioItem key={scheme} value={scheme} rightSection={<Icon className="i" />}>
                {t(`user.${scheme}`)}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
          <Menu.Divider />
          <Menu.Item leftSection={<LogOut className="i" />} onClick={hasNone ? open : () => void signOut()}>
            {t('user.sign_out')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking ? (
        <ConfirmDialog
          title={t('user.out_title')}
          act={t('user.sign_out')}
          busy={false}
          onClose={close}
          onAct={() => void signOut()}
        >
          <p>{t('user.out_text')}</p>
          <p>
            <Link to="/account" className="link" onClick={close}>
              {t('user.add_passkey')}
            </Link>
          </p>
        </ConfirmDialog>
      ) : null}
    </>
  );
}
