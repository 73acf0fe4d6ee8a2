// The difference of a proposed policy, line by line, grouped by purpose.
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { useWords } from '../../i18n/use-words.ts';
import { DifferenceLine, DifferenceTable } from './difference-table.tsx';
import type { PolicyLine } from './queries.ts';
import { usePolicyWords } from './use-policy-words.ts';

export function PolicyDifferenceCard({ difference }: { readonly difference: readonly PolicyLine[] }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const { nameOf, textOf } = usePolicyWords();
  const groups = [...new Set(difference.map(({ purpose }) => purpose))];
  return (
    <DifferenceTable>
      {groups.map((group) => (
        <Fragment key={group}>
          <tr className="gr">
            <th colSpan={4} scope="colgroup">
              {group === null ? t('everyone') : words.purpose(group)}
            </th>
          </tr>
          {difference
            .filter(({ purpose }) => purpose === group)
            .map(({ name, from, to, effect }) => (
              <DifferenceLine
                key={name}
                name={nameOf(name)}
                from={textOf(name, from)}
                to={textOf(name, to)}
                effect={effect}
              />
            ))}
        </Fragment>
      ))}
    </DifferenceTable>
  );
}
