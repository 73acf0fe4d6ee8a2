// Transcript card: header with language and search, and the lines or the reason for their absence.
import './transcript-card.css';
import { ChevronDown, ChevronUp, FileText, Search } from 'lucide-react';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../components/error-card.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { PlayerContent } from '../session/use-content.ts';
import type { TranscriptSearch } from './use-search.ts';

type Props = {
  readonly content: PlayerContent;
  readonly search: TranscriptSearch;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly back: ReactNode;
  readonly children: ReactNode;
  readonly watermark: ReactNode;
};

export function TranscriptCard({ content, search, field, back, children, watermark }: Props) {
  const { t } = useTranslation('player');
  const words = useWords();
  const { languages, language, chooseLanguage, lines } = content;
  return (
    <section className="card script" aria-label={t('transcript')}>
      <div className="script-h">
        <h2>{t('transcript')}</h2>
        {languages.length > 1 ? (
          <select
            className="ctl small"
            aria-label={t('language')}
            value={language ?? ''}
            onChange={({ target }) => chooseLanguage(target.value)}
          >
            {languages.map((tag) => (
              <option key={tag} value={tag}>
                {words.speech(tag)}
              </option>
            ))}
          </select>
        ) : language === null ? null : (
          <span className="tag line">{words.speech(language)}</span>
        )}
        <span className="grow" />
        {lines === null ? null : back}
        {lines === null ? null : <SearchField search={search} field={field} />}
      </div>
      {lines === null ? <NoLines content={content} /> : children}
      <span className="fade" />
      {watermark}
    </section>
  );
}

function SearchField({ search, field }: { readonly search: TranscriptSearch; readonly field: Props['field'] }) {
  const { t } = useTranslation('player');
  const { query, hits, index, setQuery, step } = search;
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  };
  const hitText = query.trim() === '' ? '' : t('hits', { now: hits.length === 0 ? 0 : index + 1, of: hits.length });
  return (
    <search className="seek">
      <Search className="i s" />
      <input
        ref={field}
        type="text"
        aria-label={t('search')}
        placeholder={t('search_hint')}
        value={query}
        onChange={({ target }) => setQuery(target.value)}
        onKeyDown={press}
      />
      <span className="n" role="status">
        {hitText}
      </span>
      <button
        type="button"
        className="btn q"
        aria-label={t('previous_hit')}
        disabled={hits.length === 0}
        onClick={() => step(-1)}
      >
        <ChevronUp className="i s" />
      </button>
      <button
        type="button"
        className="btn q"
        aria-label={t('next_hit')}
        disabled={hits.length === 0}
        onClick={() => step(1)}
      >
        <ChevronDown className="i s" />
      </button>
    </search>
  );
}

function NoLines({ content }: { readonly content: PlayerContent }) {
  const { t } = useTranslation('player');
  const { transcript, reload } = content;
  if (transcript === 'shown' || transcript === 'loading')
    return <div className="script-none" role="status" aria-busy="true" />;
  if (transcript === 'failed') {
    return (
      <div className="script-none">
        <ErrorCard bare error={content.error} title={t('transcript_failed')} onRetry={reload} />
      </div>
    );
  }
  return (
    <div className="script-none">
      <StateCard bare icon={FileText} title={t(`no_transcript.${transcript}.title`)}>
        {t(`no_transcript.${transcript}.text`)}
      </StateCard>
    </div>
  );
}
