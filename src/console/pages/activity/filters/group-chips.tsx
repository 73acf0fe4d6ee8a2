// Which groups of events are shown: a chip each, and one for everything.
import './group-chips.css';
import { Check } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type ActivitySearch, GROUP_NAMES, groupsOf, withAll, withToggled } from './filter.ts';

type Props = { readonly search: ActivitySearch; readonly onSearch: (search: ActivitySearch) => void };

export function GroupChips({ search, onSearch }: Props) {
  const { t } = useTranslation('activity');
  const groups = groupsOf(search);
  return (
    <fieldset className="row wrap act-groups">
      <legend className="sr">{t('filter.shown')}</legend>
      {GROUP_NAMES.map((group) => (
        <Chip
          key={group}
          name={t(`filter.groups.${group}`)}
          on={groups?.includes(group) ?? false}
          press={() => onSearch(withToggled(search, group))}
        />
      ))}
      <Chip name={t('filter.everything')} on={groups === null} press={() => onSearch(withAll(search))} />
    </fieldset>
  );
}

function Chip({ name, on, press }: { readonly name: string; readonly on: boolean; readonly press: () => void }) {
  return (
    <button type="button" className="tog" aria-pressed={on} onClick={press}>
      {on ? <Check className="i s" /> : null}
      {name}
    </button>
  );
}
