// Reviewers of an assignment: the chosen ones with their share, and a field that adds another.
import { Select } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../../components/avatar.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { CheckedBatch, PossibleReviewer } from './types.ts';

type Props = {
  readonly people: readonly PossibleReviewer[];
  readonly chosen: readonly string[];
  readonly shares: CheckedBatch['reviewers'];
  readonly change: (reviewers: readonly string[]) => void;
};

export function ReviewersField({ people, chosen, shares, change }: Props) {
  const { t } = useTranslation('assignments');
  const words = useWords();
  const rest = people.filter(({ id }) => !chosen.includes(id));
  return (
    <fieldset className="field">
      <legend className="lb">
        {t('form.reviewers')}
        <span className="mute">{t('form.split')}</span>
      </legend>
      <div className="asg-people">
        {chosen.map((id) => {
          const name = words.person(people.find((person) => person.id === id)?.name);
          const share = shares.find((one) => one.id === id);
          return (
            <div key={id} className="row asg-person">
              <Avatar name={name} size="s" />
              <span className="grow">{name}</span>
              {share === undefined ? null : (
                <span className="dim num nw">{t('form.share', { count: share.calls, minutes: share.minutes })}</span>
              )}
              <button
                type="button"
                className="btn s q sq"
                aria-label={t('form.remove', { name })}
                onClick={() => change(chosen.filter((one) => one !== id))}
              >
                <X className="i s" />
              </button>
            </div>
          );
        })}
        {rest.length === 0 ? null : (
          <Select
            aria-label={t('form.add')}
            placeholder={t('form.add')}
            variant="unstyled"
            searchable
            clearable={false}
            value={null}
            leftSection={<Plus className="i s" />}
            rightSection={<span />}
            nothingFoundMessage={t('form.no_match')}
            data={rest.map(({ id, name, open }) => ({
              value: id,
              label: t('form.person', { name: words.person(name), open }),
            }))}
            onChange={(id) => (id === null ? undefined : change([...chosen, id]))}
          />
        )}
        {people.length === 0 ? <p className="dim small asg-person">{t('form.nobody')}</p> : null}
      </div>
    </fieldset>
  );
}
