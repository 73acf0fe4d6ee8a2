// Search box of the top bar, which shows how it understands the text.
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { type FormEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useShortcuts } from '../components/use-shortcuts.ts';
import { settings } from '../state/settings.ts';
import { useStore } from '../state/store.ts';
import { parseSearch, personalTerms, type SearchTarget } from './personal-search.ts';

export function SearchBox({ onGo }: { readonly onGo?: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const { findKeys } = useStore(settings);
  useShortcuts({ '/': () => input.current?.focus() }, findKeys);
  const [text, setText] = useState('');
  const hint = useId();
  const wanted = parseSearch(text);
  const find = (event: FormEvent): void => {
    event.preventDefault();
    if (wanted === null) return;
    onGo?.();
    setText('');
    if ('recording' in wanted) {
      void navigate({ to: '/recordings/$id', params: { id: wanted.recording } });
      return;
    }
    // First the page, then the terms: setting both at once would search twice, with two events in the log.
    void navigate({ to: '/recordings', search: { span: 'all' } }).then(() => personalTerms.set(wanted));
  };
  return (
    <search className="find-box">
      <form onSubmit={find}>
        <label className="find">
          <Search className="i s" />
          <input
            ref={input}
            type="search"
            placeholder={t('find')}
            aria-label={t('find_label')}
            aria-describedby={hint}
            autoComplete="off"
            maxLength={128}
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
          {findKeys ? <kbd>{'/'}</kbd> : null}
        </label>
        <p className={wanted === null ? 'sr' : 'find-hint'} id={hint} role="status">
          {wanted === null ? '' : <Hint wanted={wanted} />}
        </p>
      </form>
    </search>
  );
}

function Hint({ wanted }: { readonly wanted: SearchTarget }) {
  const { t } = useTranslation();
  if ('recording' in wanted) return t('find_hint.recording');
  if ('number' in wanted) return t('find_hint.number', { number: wanted.number });
  if ('number_end' in wanted) return t('find_hint.number_end', { digits: wanted.number_end });
  return t('find_hint.ticket', { ticket: wanted.ticket });
}
