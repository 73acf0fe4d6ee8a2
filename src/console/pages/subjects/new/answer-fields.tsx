// How the answer is wanted: its language, and whether with copies.
import { Checkbox } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { AnswerLanguage } from '../../../subjects/types.ts';
import type { FieldProps } from './field-props.ts';

const LANGUAGES: readonly (readonly [AnswerLanguage, string])[] = [
  ['zh-CN', '中文'],
  ['en', 'EN'],
];

export function AnswerFields({ draft, setDraft }: FieldProps) {
  const { t } = useTranslation('subjects');
  return (
    <section className="card pad stack g3" aria-labelledby="new-answer">
      <h2 id="new-answer">{t('form.answer')}</h2>
      <fieldset className="field">
        <legend className="m">{t('form.language')}</legend>
        <div className="seg">
          {LANGUAGES.map(([language, name]) => (
            <button
              key={language}
              type="button"
              lang={language}
              aria-pressed={draft.language === language}
              onClick={() => setDraft({ ...draft, language })}
            >
              {name}
            </button>
          ))}
        </div>
      </fieldset>
      {draft.kinds.includes('access') ? (
        <Checkbox
          label={t('form.copies')}
          description={t('form.copies_hint')}
          checked={draft.copies}
          onChange={({ currentTarget: { checked } }) => setDraft({ ...draft, copies: checked })}
        />
      ) : null}
    </section>
  );
}
