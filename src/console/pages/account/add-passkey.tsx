// Dialog that adds a passkey: its name and the browser's own dialog, then, of a further one, a touch of an earlier passkey.
import { Modal, TextInput } from '@mantine/core';
import { WebAuthnError } from '@simplewebauthn/browser';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  addFirstPasskey,
  confirmPasskey,
  makeFurtherPasskey,
  type UnconfirmedPasskey,
  wasAdded,
} from '../../api/new-passkey.ts';
import { problemOf } from '../../api/problem.ts';
import { meQuery } from '../../api/queries.ts';
import type { Passkey } from '../../api/types.ts';
import { notify, notifyProblem } from '../../components/notify.ts';

type Props = { readonly known: readonly Passkey[]; readonly onClose: () => void };

/** Problems after which the person starts with the first touch again: expired, used, or the passkey was removed. */
const ENDED: ReadonlySet<string> = new Set(['sign_in_refused', 'access_refused']);

export function AddPasskey({ known, onClose }: Props) {
  const { t } = useTranslation('account');
  const client = useQueryClient();
  const [label, setLabel] = useState('');
  const [made, setMade] = useState<UnconfirmedPasskey | null>(null);
  const [ended, setEnded] = useState(false);
  const done = async (): Promise<void> => {
    notify(t('added'));
    onClose();
    await client.invalidateQueries(meQuery);
  };
  const make = useMutation({
    mutationFn: async () => {
      setEnded(false);
      if (known.length > 0) return makeFurtherPasskey();
      await addFirstPasskey(label.trim());
      return null;
    },
    onSuccess: (further) => (further === null ? done() : setMade(further)),
    onError: (error) => {
      if (problemOf(error) !== null) notifyProblem(error);
    },
  });
  const confirm = useMutation({
    mutationFn: (further: UnconfirmedPasskey) => confirmPasskey(further, label.trim()),
    onSuccess: done,
    onError: async (error, further) => {
      const problem = problemOf(error);
      if (problem === null) return;
      if (!ENDED.has(problem.code)) notifyProblem(error);
      else if (await wasAdded(further).catch(() => false)) await done();
      else {
        setMade(null);
        setEnded(true);
      }
    },
  });
  const close = (): void => {
    // One that is being added may be added yet.
    if (made !== null && !confirm.isPending) void wasAdded(made).catch(() => false);
    onClose();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (made !== null) confirm.mutate(made);
    else if (label.trim() !== '') make.mutate();
  };
  const busy = make.isPending || confirm.isPending;
  const fault = faultOf(made === null ? make.error : confirm.error, made !== null);
  return (
    <Modal opened onClose={close} title={t('add')} closeButtonProps={{ 'aria-label': t('cancel') }}>
      <form className="stack g4" onSubmit={submit}>
        {made === null ? (
          <>
            {known.length === 0 ? null : <p className="dim">{t('add_steps')}</p>}
            <TextInput
              label={t('label')}
              description={t('label_hint')}
              value={label}
              maxLength={64}
              data-autofocus
              required
              onChange={({ currentTarget }) => setLabel(currentTarget.value)}
            />
          </>
        ) : (
          <div className="stack g3" role="status">
            <p className="strong">{t('confirm_title')}</p>
            <p>{t('confirm_text', { label: label.trim() })}</p>
            <ul className="dim">
              {known.map((one) => (
                <li key={one.id}>{one.label}</li>
              ))}
            </ul>
          </div>
        )}
        {fault === null && !ended ? null : (
          <p className="row no" role="alert">
            <TriangleAlert className="i" />
            {t(ended ? 'confirm_ended' : (fault ?? 'add_failed'))}
          </p>
        )}
        <div className="row">
          <span className="grow" />
          <button type="button" className="btn" onClick={close}>
            {t('cancel')}
          </button>
          <button type="submit" className="btn p" disabled={label.trim() === '' || busy}>
            {made === null ? t('add') : t('confirm')}
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** What to say about an error of the browser; null for none, and for a problem of the service, which a toast names. */
function faultOf(error: Error | null, isConfirming: boolean) {
  if (error === null || problemOf(error) !== null) return null;
  if (error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED') return 'add_known';
  // Cancelled, timed out, or on a device without such a passkey: browsers do not say which.
  if (error.name === 'NotAllowedError' || error.name === 'AbortError')
    return isConfirming ? 'confirm_cancelled' : 'add_cancelled';
  return isConfirming ? 'confirm_failed' : 'add_failed';
}
