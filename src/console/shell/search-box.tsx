// Search box of the top bar, which shows how it understands the text, and what else it can search for.
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { type FormEvent, type MouseEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../api/current-user.ts';
import { useShortcuts } from '../components/use-shortcuts.ts';
import { settings } from '../state/settings.ts';
import { useStore } from '../state/store.ts';
import { otherMeanings, parseSearch, personalTerms, type SearchTarget } from './personal-search.ts';

export function SearchBox({ onGo }: { readonly onGo?: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const { findKeys } = useStore(settings);
  useShortcuts({ '/': () => input.current?.focus() }, findKeys);
  const [text, setText] = useState('');
  const hint = useId();
  const wanted = parseSearch(text);
  const others = otherMeanings(text, useMe().tenant.searchable);
  const find = (wanted: SearchTarget): void => {
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
      <form
        onSubmit={(event: FormEvent): void => {
          event.preventDefault();
          if (wanted !== null) find(wanted);
        }}
      >
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
        <div className={wanted === null ? 'sr' : 'find-pop'}>
          <p id={hint} role="status">
            {wanted === null ? '' : <Hint wanted={wanted} />}
          </p>
          {others.length === 0 ? null : (
            <fieldset className="find-as">
              <legend>{t('find_as.label')}</legend>
              {others.map((other) => (
                <button
                  key={JSON.stringify(other)}
                  type="button"
                  className="btn s"
                  onMouseDown={keepFocus}
                  onClick={() => find(other)}
                >
                  <Meaning target={other} />
                </button>
              ))}
            </fieldset>
          )}
        </div>
      </form>
    </search>
  );
}

function Hint({ wanted }: { readonly wanted: SearchTarget }) {
  const { t } = useTranslation();
  if ('recording' in wanted) return t('find_hint.recording');
  if ('number' in wanted) return t('find_hint.number', { number: wanted.number });
  if ('number_end' in wanted) return t('find_hint.number_end', { digits: wanted.number_end });
  if ('call_id' in wanted) return t('find_hint.call_id', { call_id: wanted.call_id });
  return 'ticket' in wanted ? t('find_hint.ticket', { ticket: wanted.ticket }) : null;
}

/** Name of what the text is searched for as: a field has the name that the tenant gave it. */
function Meaning({ target }: { readonly target: SearchTarget }) {
  const { t } = useTranslation();
  if ('fields' in target) return Object.keys(target.fields)[0];
  if ('call_id' in target) return t('find_as.call_id');
  return t('interaction' in target ? 'find_as.interaction' : 'find_as.ticket');
}

/** Some browsers give a pressed button no focus; without it the buttons would disappear before the click. */
function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}
