// How many recordings become due in each of the next months, under both versions.
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.ts';
import type { RetentionPreview } from './queries.ts';
import { useMonthName } from './use-rule-words.ts';

const [WIDTH, HEIGHT, BARS] = [300, 78, 58];

type Props = {
  readonly months: RetentionPreview['months'];
  readonly labels: { readonly was: string; readonly now: string };
};

export function MonthsChart({ months, labels }: Props) {
  const { t } = useTranslation('retentionPage');
  const format = useFormat();
  const nameOf = useMonthName();
  const most = Math.max(1, ...months.flatMap(({ was, now }) => [was, now]));
  const step = WIDTH / Math.max(1, months.length);
  const bar = Math.min(8.5, step / 3);
  const heightOf = (count: number): number => (count === 0 ? 0 : Math.max(1.5, (count / most) * BARS));
  return (
    <figure className="months">
      <figcaption className="row small">
        <span className="dim">{t('months')}</span>
        <span className="grow" />
        <span className="legend">
          <i className="was" />
          {labels.was}
        </span>
        <span className="legend">
          <i className="now" />
          {labels.now}
        </span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t('months_label')}>
        <path className="axis" d={`M0 ${BARS + 2.5}H${WIDTH}`} />
        {months.map(({ month, was, now }, n) => (
          <g key={month}>
            <rect
              className="was"
              x={n * step + 3}
              y={BARS + 2 - heightOf(was)}
              width={bar}
              height={heightOf(was)}
              rx={1.5}
            />
            <rect
              className="now"
              x={n * step + 4 + bar}
              y={BARS + 2 - heightOf(now)}
              width={bar}
              height={heightOf(now)}
              rx={1.5}
            />
            {n % 3 === 0 ? (
              <text x={n * step + 3} y={HEIGHT - 4}>
                {nameOf(month)}
              </text>
            ) : null}
          </g>
        ))}
      </svg>
      <ul className="sr">
        {months.map(({ month, was, now }) => (
          <li key={month}>{t('month_line', { month, was: format.number(was), now: format.number(now) })}</li>
        ))}
      </ul>
    </figure>
  );
}
