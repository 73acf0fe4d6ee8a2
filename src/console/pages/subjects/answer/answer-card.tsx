// The answer to the person: a draft in either language, the words that are added to it, and all of it in a new tab.
import { useQuery } from '@tanstack/react-query';
import { FileText } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../../components/error-card.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { UserText } from '../../../components/user-text.tsx';
import { answerQuery } from '../../../subjects/queries.ts';
import type { AnswerLanguage, SubjectRequest, Words } from '../../../subjects/types.ts';
import { WordsDialog } from './words-dialog.tsx';

const LANGUAGES: readonly (readonly [AnswerLanguage, string])[] = [
  ['en', 'EN'],
  ['zh-CN', '中文'],
];

type Props = {
  readonly request: SubjectRequest;
  readonly words: Words | null;
  /** Absent where the words cannot be edited. */
  readonly setWords?: (words: Words | null) => void;
};

export function AnswerCard({ request, words, setWords }: Props) {
  const { t } = useTranslation('subjects');
  const [language, setLanguage] = useState<AnswerLanguage>(request.person.language);
  const [isEditing, setIsEditing] = useState(false);
  const { data, error, isError, refetch } = useQuery(answerQuery(request, language));
  const added = words?.[language] ?? '';
  const isUnsent = setWords !== undefined && added !== (request.words?.[language] ?? '');
  return (
    <section className="card answer" aria-labelledby="answer-title">
      <div className="row wrap g3">
        <h2 id="answer-title">{t('answer.title')}</h2>
        <fieldset className="seg answer-seg">
          <legend className="sr">{t('answer.language')}</legend>
          {LANGUAGES.map(([one, name]) => (
            <button key={one} type="button" lang={one} aria-pressed={language === one} onClick={() => setLanguage(one)}>
              {name}
            </button>
          ))}
        </fieldset>
        <span className="grow" />
        {setWords === undefined ? null : (
          <button type="button" className="btn s q" onClick={() => setIsEditing(true)}>
            {t('answer.edit')}
          </button>
        )}
        <a
          className="btn s"
          href={`/v1/subject-requests/${request.id}/answer?format=html&language=${language}`}
          target="_blank"
          rel="noopener noreferrer"
        >
          <FileText className="i s" />
          {t('answer.read')}
        </a>
      </div>
      {isError && data === undefined ? (
        <ErrorCard bare error={error} title={t('answer.error')} onRetry={() => void refetch()} />
      ) : null}
      {data === undefined && !isError ? <Skeleton rows={2} shape="lines" /> : null}
      {data === undefined ? null : (
        <div className="answer-text" lang={language}>
          {added === '' || data.paragraphs.includes(added) ? null : (
            <p className="answer-added">
              <UserText text={added} />
            </p>
          )}
          {data.paragraphs.map((text) => (
            <p key={text}>
              <UserText text={text} />
            </p>
          ))}
        </div>
      )}
      {request.kinds.includes('access') ? <p className="mute small answer-list">{t('answer.list')}</p> : null}
      {isUnsent ? <p className="wait small">{t('answer.unsent')}</p> : null}
      {isEditing && setWords !== undefined ? (
        <WordsDialog
          words={words}
          save={(next) => {
            setWords(next);
            setIsEditing(false);
          }}
          close={() => setIsEditing(false)}
        />
      ) : null}
    </section>
  );
}
