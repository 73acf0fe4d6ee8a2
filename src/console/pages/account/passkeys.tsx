// Passkeys of the person: adding one on this device, naming, removing.
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { fetchJson } from '../../api/client.ts';
import { useMe } from '../../api/current-user.ts';
import { firstPasskeyUntil } from '../../api/first-passkey.ts';
import { meQuery } from '../../api/queries.ts';
import { useNow } from '../../api/server-clock.ts';
import type { Passkey } from '../../api/types.ts';
import { ConfirmDialog } from '../../components/confirm.tsx';
import { notify, notifyProblem } from '../../components/notify.ts';
import { StateCard } from '../../components/state-card.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { AddPasskey } from './add-passkey.tsx';

export function Passkeys() {
  const { t } = useTranslation('account');
  const { passkeys } = useMe();
  const [opened, { open, close }] = useDisclosure(false);
  const button = (
    <button type="button" className="btn s a" onClick={open}>
      <Plus className="i s" />
      {t('add')}
    </button>
  );
  return (
    <section className="card pad stack g3">
      <div className="row top-row">
        <div className="grow">
          <h2>{t('passkeys')}</h2>
          <p className="dim">{t('passkeys_text')}</p>
        </div>
        {passkeys.length === 0 ? null : button}
      </div>
      {passkeys.length === 0 ? (
        <StateCard bare icon={KeyRound} title={t('no_passkeys')} action={button}>
          {t('no_passkeys_text')}
          <FirstPasskey />
        </StateCard>
      ) : (
        <ul className="lines-list">
          {passkeys.map((passkey) => (
            <PasskeyLine key={passkey.id} passkey={passkey} />
          ))}
        </ul>
      )}
      {opened ? <AddPasskey known={passkeys} onClose={close} /> : null}
    </section>
  );
}

/** How long the first passkey can still be added, and what happens otherwise. */
function FirstPasskey() {
  const { t } = useTranslation('account');
  const format = useFormat();
  const until = firstPasskeyUntil(useMe());
  const over = useNow(5_000) >= (until ?? 0);
  if (until === null) return null;
  return (
    <p className={over ? 'no' : 'strong'}>
      {over ? t('first_over') : t('first_until', { time: format.near(new Date(until).toISOString()) })}
    </p>
  );
}

function PasskeyLine({ passkey }: { readonly passkey: Passkey }) {
  const { t } = useTranslation('account');
  const client = useQueryClient();
  const format = useFormat();
  const [opened, { open, close }] = useDisclosure(false);
  const remove = useMutation({
    mutationFn: () => fetchJson('DELETE', `/v1/passkeys/${passkey.id}`),
    onSuccess: async () => {
      close();
      notify(t('removed'));
      await client.invalidateQueries(meQuery);
    },
    onError: notifyProblem,
  });
  const used = passkey.last_used === null ? t('unused') : t('used', { date: format.near(passkey.last_used) });
  return (
    <li className="row">
      <KeyRound className="i mute" />
      <div className="grow">
        <span className="m">{passkey.label}</span>
        <span className="sub-text">
          {t('created', { date: format.date(passkey.created) })} · {used}
        </span>
      </div>
      <button type="button" className="btn s q" aria-label={t('remove_label', { label: passkey.label })} onClick={open}>
        {t('remove')}
      </button>
      {opened ? (
        <ConfirmDialog
          title={t('remove')}
          act={t('remove')}
          busy={remove.isPending}
          onClose={close}
          onAct={() => remove.mutate()}
        >
          <p>{t('remove_sure', { label: passkey.label })}</p>
        </ConfirmDialog>
      ) : null}
    </li>
  );
}
