// Form that ends with a reason that another person reads, a button to leave it, and the one that does it.
import { Textarea } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

const MIN_LENGTH = 3;
const MAX_LENGTH = 500;

type Props = {
  /** The fields before the reason. */
  readonly children?: ReactNode;
  /** False where what the form does needs no reason. */
  readonly asksReason?: boolean;
  /** Who reads the reason; by default the person who approves. */
  readonly hint?: string;
  /** Whether the person's passkey signs what is sent. */
  readonly signs?: boolean;
  /** Of a form that has no other field: larger, and with the focus. */
  readonly reasonOnly?: boolean;
  /** Why the last attempt failed. */
  readonly failed?: ReactNode;
  readonly act: string;
  /** Whether it takes something from another person. */
  readonly removes?: boolean;
  /** Whether the fields before the reason are complete. */
  readonly ready?: boolean;
  readonly busy: boolean;
  /** Leads to the step before, in place of the button that cancels. */
  readonly back?: { readonly label: string; readonly go: () => void };
  readonly close: () => void;
  /** With the trimmed reason; empty where none is asked. */
  readonly submit: (reason: string) => void;
};

export function ReasonForm(props: Props) {
  const { children, asksReason = true, hint, reasonOnly = false, failed, act, removes = false } = props;
  const { signs = false, ready = true, busy, back, close, submit } = props;
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const reason = asksReason ? text.trim() : '';
  const complete = ready && (!asksReason || reason.length >= MIN_LENGTH);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (complete && !busy) submit(reason);
  };
  return (
    <form className="stack g4" onSubmit={send}>
      {children}
      {asksReason ? (
        <Textarea
          data-autofocus={reasonOnly || undefined}
          label={t('reason.label')}
          description={hint ?? t('reason.approver')}
          autosize
          minRows={reasonOnly ? 3 : 2}
          maxLength={MAX_LENGTH}
          required
          withAsterisk={false}
          value={text}
          onChange={({ currentTarget: { value } }) => setText(value)}
        />
      ) : null}
      {signs ? <p className="dim small">{t('reason.signs')}</p> : null}
      {failed}
      <div className="row">
        {back === undefined ? null : (
          <button type="button" className="btn" onClick={back.go}>
            {back.label}
          </button>
        )}
        <span className="grow" />
        {back === undefined ? (
          <button type="button" className="btn" onClick={close}>
            {t('reason.cancel')}
          </button>
        ) : null}
        <button type="submit" className={removes ? 'btn no' : 'btn p'} disabled={!complete || busy}>
          {act}
        </button>
      </div>
    </form>
  );
}
