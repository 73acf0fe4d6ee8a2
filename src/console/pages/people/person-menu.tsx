// What an admin can do with a person: change roles and training, sign them out, deactivate them.
import { Menu, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ellipsis, LogOut, Pencil, UserRoundX } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, newIdempotencyKey } from '../../api/client.ts';
import { ConfirmDialog } from '../../components/confirm.tsx';
import { notify, notifyProblem } from '../../components/notify.ts';
import { PersonForm } from './person-form.tsx';
import { type Person, peoplePages } from './queries.ts';

type Props = { readonly person: Person; readonly name: string };
type Act = 'sign-out' | 'deactivate';
/** The dialog that is open, with the key of its request. */
type Asking = 'change' | { readonly act: Act; readonly key: string };

export function PersonMenu({ person, name }: Props) {
  const { t } = useTranslation('people');
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = (): void => setAsking(null);
  const ask = (act: Act) => () => setAsking({ act, key: newIdempotencyKey() });
  const off = person.state === 'off';
  return (
    <>
      <Menu position="bottom-end" width={248}>
        <Menu.Target>
          <button type="button" className="btn s" aria-label={t('actions_of', { name })}>
            <Ellipsis className="i" />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Pencil className="i" />} onClick={() => setAsking('change')}>
            {t(off ? 'bring_back' : 'change')}
          </Menu.Item>
          {(person.sign_ins ?? 0) > 0 ? (
            <Menu.Item leftSection={<LogOut className="i" />} onClick={ask('sign-out')}>
              {t('sign_out')}
            </Menu.Item>
          ) : null}
          {off ? null : (
            <Menu.Item leftSection={<UserRoundX className="i" />} onClick={ask('deactivate')}>
              {t('deactivate')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={asking === 'change'}
        onClose={close}
        title={t(off ? 'back_title' : 'change_title', { name })}
        closeButtonProps={{ 'aria-label': t('cancel') }}
      >
        <PersonForm person={person} close={close} />
      </Modal>
      {asking === null || asking === 'change' ? null : (
        <Confirm person={person} name={name} asking={asking} close={close} />
      )}
    </>
  );
}

type ConfirmProps = Props & { readonly asking: Exclude<Asking, 'change'>; readonly close: () => void };

function Confirm({ person, name, asking: { act, key }, close }: ConfirmProps) {
  const { t } = useTranslation('people');
  const client = useQueryClient();
  const count = person.sign_ins ?? 0;
  const doing = useMutation({
    mutationFn: () => fetchJson('POST', `/v1/people/${person.id}/${act}`, { key }),
    onSuccess: () => notify(t(act === 'sign-out' ? 'signed_out' : 'deactivated', { name })),
    onError: notifyProblem,
    onSettled: async () => {
      close();
      await client.invalidateQueries(peoplePages);
    },
  });
  const texts: { readonly [act in Act]: readonly [string, string, ReactNode] } = {
    'sign-out': [
      t('sign_out_title', { name }),
      t('sign_out'),
      <>
        <p>{t('sign_out_text', { count })}</p>
        <p className="dim">{t('sign_out_back')}</p>
      </>,
    ],
    deactivate: [
      t('deactivate_title', { name }),
      t('deactivate_now'),
      <>
        <p>{t('deactivate_text')}</p>
        <p className="dim">{t('deactivate_back')}</p>
      </>,
    ],
  };
  const [title, label, text] = texts[act];
  return (
    <ConfirmDialog title={title} act={label} busy={doing.isPending} onClose={close} onAct={() => doing.mutate()}>
      {text}
    </ConfirmDialog>
  );
}
