// Field for ids of recordings: how many were read, and which words are none.
import { Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { idsIn } from './recording-ids.ts';

type Props = {
  readonly text: string;
  readonly setText: (text: string) => void;
  /** The most that one request takes. */
  readonly most: number;
};

export function IdsField({ text, setText, most }: Props) {
  const { t } = useTranslation('recordings');
  const { ids, wrong } = idsIn(text);
  const fault =
    wrong.length > 0
      ? t('ids.wrong', { count: wrong.length, first: wrong[0] ?? '' })
      : ids.length > most
        ? t('ids.many', { count: ids.length, most })
        : null;
  return (
    <Textarea
      label={t('ids.label')}
      description={t('ids.hint', { count: ids.length, most })}
      error={fault}
      autosize
      minRows={3}
      maxRows={8}
      maxLength={20_000}
      spellCheck={false}
      value={text}
      onChange={({ currentTarget: { value } }) => setText(value)}
    />
  );
}
