// The difference of a proposed policy, line by line, grouped by purpose.
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { useWords } from '../../i18n/use-words.ts';
import type { PolicyLine } from './queries.ts';
import { usePolicyWords } from './use-policy-words.ts';

export function PolicyDifferenceCard({ difference }: { readonly difference: readonly PolicyLine[] }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const groups = [...new Set(difference.map(({ purpose }) => purpose))];
  return (
    <section className="card" aria-label={t('difference')}>
      <table className="tbl diff">
        <thead>
          <tr>
            <th>{t('column.setting')}</th>
            <th>{t('column.from')}</th>
            <th>{t('column.to')}</th>
            <th className="r">
              <span className="sr">{t('column.effect')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Fragment key={group}>
              <tr className="gr">
                <th colSpan={4} scope="colgroup">
                  {group === null ? t('everyone') : words.purpose(group)}
                </th>
              </tr>
              {difference
                .filter(({ purpose }) => purpose === group)
                .map((line) => (
                  <Line key={line.name} line={line} />
                ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Line({ line: { name, from, to, effect } }: { readonly line: PolicyLine }) {
  const { t } = useTranslation('policy');
  const { nameOf, textOf } = usePolicyWords();
  return (
    <tr>
      <td>{nameOf(name)}</td>
      <td className="dim">{textOf(name, from)}</td>
      <td className="strong">{textOf(name, to)}</td>
      <td className="r">
        {effect === null ? null : (
          <span className={effect === 'looser' ? 'tag wait' : 'tag'}>{t(`effect.${effect}`)}</span>
        )}
      </td>
    </tr>
  );
}
