// Bar on the page of an assigned call: who assigned it and why, and how to finish it and go on.
import './assigned-bar.css';
import { Link } from '@tanstack/react-router';
import { Check, ClipboardCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useShortcuts } from '../components/use-shortcuts.ts';
import { UserText } from '../components/user-text.tsx';
import { useFormat } from '../i18n/use-format.ts';
import { useWords } from '../i18n/use-words.ts';
import { settings } from '../state/settings.ts';
import { useStore } from '../state/store.ts';
import { ReturnDialog } from './return-dialog.tsx';
import type { useFinishNext } from './use-finish-next.ts';

type Props = NonNullable<ReturnType<typeof useFinishNext>>;

export function AssignedBar({ call, isStarted, finish, goOn, more, leave }: Props) {
  const { t } = useTranslation('queue');
  const { t: shell } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const { listKeys } = useStore(settings);
  const [returning, setReturning] = useState(false);
  const busy = finish.done.isPending || finish.giveBack.isPending;
  useShortcuts({ d: goOn }, listKeys);
  const { batch } = call;
  const by = t('bar', { name: words.person(batch.maker.name), time: format.due(batch.due) });
  return (
    <section className="card assigned" aria-label={t('source')}>
      <ClipboardCheck className="i yes" />
      <p className="grow">
        <span className="m">{by}</span>{' '}
        {batch.reason === null ? null : (
          <span className="dim">
            <UserText text={t('said', { reason: batch.reason })} />
          </span>
        )}
      </p>
      <Link to="/my-queue" className="btn s q">
        {shell('nav.my-queue')}
      </Link>
      <button type="button" className="btn s" disabled={busy} onClick={() => setReturning(true)}>
        {t('return')}
      </button>
      <button type="button" className="btn s p" disabled={busy || !isStarted} onClick={goOn}>
        <Check className="i s" />
        {t(more ? 'done_next' : 'done')}
        {listKeys ? <kbd>D</kbd> : null}
      </button>
      {returning ? (
        <ReturnDialog call={call} finish={finish} close={() => setReturning(false)} returned={leave} />
      ) : null}
    </section>
  );
}
