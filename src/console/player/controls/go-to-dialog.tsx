// Dialog that seeks to a typed time.
import { Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatClock } from '../../i18n/format-clock.ts';
import { parseTime } from '../time/format-time.ts';

type GoProps = {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly duration: number;
  readonly onGo: (ms: number) => void;
};

export function GoToDialog({ opened, onClose, duration, onGo }: GoProps) {
  const { t } = useTranslation('player');
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const close = (): void => {
    setTyped('');
    setWrong(false);
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={t('go_to')} size="xs" closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const ms = parseTime(typed);
          if (ms === null || ms > duration) return setWrong(true);
          onGo(ms);
          close();
        }}
      >
        <label className="field">
          <span className="lb">
            {t('go_to_label')}
            <span className="mute">{t('go_to_hint', { of: formatClock(duration) })}</span>
          </span>
          <input
            className="in"
            data-autofocus
            inputMode="text"
            autoComplete="off"
            value={typed}
            aria-invalid={wrong}
            aria-describedby={wrong ? 'go-to-wrong' : undefined}
            onChange={({ target }) => setTyped(target.value)}
          />
        </label>
        {wrong ? (
          <p id="go-to-wrong" className="no" role="alert">
            {t('go_to_wrong', { of: formatClock(duration) })}
          </p>
        ) : null}
        <div className="row">
          <span className="grow" />
          <button type="submit" className="btn p">
            {t('go')}
          </button>
        </div>
      </form>
    </Modal>
  );
}
