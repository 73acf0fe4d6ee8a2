// The table of a difference: what each line was, what it becomes, and whether that is stricter.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

export function DifferenceTable({ children }: { readonly children: ReactNode }) {
  const { t } = useTranslation('changes');
  return (
    <section className="card" aria-label={t('difference')}>
      <table className="tbl diff">
        <thead>
          <tr>
            <th>{t('column.name')}</th>
            <th>{t('column.from')}</th>
            <th>{t('column.to')}</th>
            <th className="r">
              <span className="sr">{t('column.effect')}</span>
            </th>
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

type LineProps = {
  readonly name: string;
  readonly from: ReactNode;
  readonly to: ReactNode;
  readonly effect: 'stricter' | 'looser' | null;
};

export function DifferenceLine({ name, from, to, effect }: LineProps) {
  const { t } = useTranslation('changes');
  return (
    <tr>
      <td>{name}</td>
      <td className="dim">{from}</td>
      <td className="strong">{to}</td>
      <td className="r">
        {effect === null ? null : (
          <span className={effect === 'looser' ? 'tag wait' : 'tag'}>{t(`effect.${effect}`)}</span>
        )}
      </td>
    </tr>
  );
}
