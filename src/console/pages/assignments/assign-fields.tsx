// Fields of an assignment: purpose, due time, reason, and whether reviewers also read the transcript.
import { Select, Textarea, TextInput } from '@mantine/core';
import { ChevronDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { Rule } from '../ask/request-draft.ts';
import { type AssignDraft, dueOf, MOST_REASON } from './draft.ts';

type Props = {
  readonly rules: readonly Rule[];
  readonly draft: AssignDraft;
  readonly change: (more: Partial<AssignDraft>) => void;
  readonly zone: string;
};

export function AssignFields({ rules, draft, change, zone }: Props) {
  const { t } = useTranslation('assignments');
  const words = useWords();
  const format = useFormat();
  const due = dueOf(draft, zone);
  const withTranscript =
    rules.find(({ purpose }) => purpose === draft.purpose)?.objects.includes('transcript') ?? false;
  const objects = (on: boolean): readonly string[] => (on ? ['audio', 'transcript'] : ['audio']);
  return (
    <>
      <div className="asg-two">
        <Select
          label={t('form.purpose')}
          data={rules.map(({ purpose }) => ({ value: purpose, label: words.purpose(purpose) }))}
          value={draft.purpose}
          allowDeselect={false}
          rightSection={<ChevronDown className="i s mute" />}
          rightSectionPointerEvents="none"
          onChange={(purpose) => {
            const rule = rules.find((one) => one.purpose === purpose);
            if (rule !== undefined) change({ purpose: rule.purpose, objects: rule.objects });
          }}
        />
        <TextInput
          type="datetime-local"
          label={t('form.due')}
          description={due === null ? t('form.due_missing') : t('form.due_is', { time: format.weekday(due), zone })}
          inputWrapperOrder={['label', 'input', 'description']}
          value={draft.due}
          onChange={({ currentTarget: { value } }) => change({ due: value })}
        />
      </div>
      <Textarea
        label={
          <span className="lb">
            {t('form.reason')}
            <span className="mute">{t('form.reason_seen')}</span>
          </span>
        }
        required
        withAsterisk={false}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={MOST_REASON}
        value={draft.reason}
        onChange={({ currentTarget: { value } }) => change({ reason: value })}
      />
      {withTranscript ? (
        <label className="row asg-what">
          <input
            type="checkbox"
            className="box"
            checked={draft.objects.includes('transcript')}
            onChange={({ currentTarget: { checked } }) => change({ objects: objects(checked) })}
          />
          {t('form.transcript')}
        </label>
      ) : null}
    </>
  );
}
