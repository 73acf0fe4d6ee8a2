// The search box of the top bar.
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { type FormEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { settings } from '../components/settings.ts';
import { useStore } from '../components/store.ts';
import { useKeys } from '../components/use-keys.ts';
import { personalTerms, readSearch } from './personal-search.ts';

export function Find({ onGo }: { readonly onGo?: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const { findKeys } = useStore(settings);
  useKeys({ '/': () => input.current?.focus() }, findKeys);
  const find = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = readSearch(input.current?.value ?? '');
    if (wanted === null) return;
    onGo?.();
    if (input.current !== null) input.current.value = '';
    if ('recording' in wanted) {
      void navigate({ to: '/recordings/$id', params: { id: wanted.recording } });
      return;
    }
    // The place first, then the terms: both at once would be looked for twice, and be two searches in the log.
    void navigate({ to: '/recordings', search: { span: 'all' } }).then(() => personalTerms.set(wanted));
  };
  return (
    <search className="find-box">
      <form onSubmit={find}>
        <label className="find">
          <Search className="i s" />
          <input ref={input} type="search" placeholder={t('find')} aria-label={t('find_label')} autoComplete="off" />
          {findKeys ? <kbd>{'/'}</kbd> : null}
        </label>
      </form>
    </search>
  );
}
