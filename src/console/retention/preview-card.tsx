// What new rules would do to every recording: exact, with the time of the count.
import { useTranslation } from 'react-i18next';
import { useDays } from '../i18n/use-days.ts';
import { useFormat } from '../i18n/use-format.ts';
import { MonthsChart } from './months-chart.tsx';
import type { RetentionPreview } from './queries.ts';
import { useRuleWords } from './use-rule-words.ts';

type Props = {
  readonly preview: RetentionPreview;
  /** The grace of the new rules. */
  readonly grace: string;
  /** The numbers of the versions; null where there is none yet. */
  readonly versions: { readonly was: number | null; readonly now: number };
};

export function PreviewCard({ preview, grace, versions }: Props) {
  const { t } = useTranslation('retentionPage');
  const format = useFormat();
  const { periodOf } = useRuleWords();
  const { date } = useDays();
  const { earlier, at_grace: atGrace, later, unchanged, busiest, busiest_day: busiestDay } = preview;
  const labels = {
    was: versions.was === null ? t('legend_none') : t('legend_was', { number: versions.was }),
    now: t('legend_was', { number: versions.now }),
  };
  const facts = [
    [t('first_day'), preview.first_day === null ? t('none') : date(preview.first_day)],
    [
      t('busiest_day'),
      busiestDay === null
        ? t('none')
        : t('busiest', { count: busiest, day: date(busiestDay), number: format.number(busiest) }),
    ],
    [t('held'), format.number(preview.held)],
    [t('restricted'), format.number(preview.restricted)],
  ] as const;
  return (
    <section className="card pad stack g3" aria-label={t('preview')}>
      <div className="row wrap">
        <h2>{t('preview')}</h2>
        <span className="grow" />
        <span className="mute small">{t('counted_at', { at: format.near(preview.at) })}</span>
      </div>
      <dl className="due">
        <div>
          <dd className={earlier > 0 ? 'big wait' : 'big'}>{format.number(earlier)}</dd>
          <dt>
            {t('earlier', { count: earlier })}
            <span className="dim small">
              {t('at_grace', { count: atGrace, number: format.number(atGrace), grace: periodOf(grace) })}
            </span>
          </dt>
        </div>
        <div>
          <dd>{format.number(later)}</dd>
          <dt>{t('later')}</dt>
        </div>
        <div>
          <dd>{format.number(unchanged)}</dd>
          <dt className="dim">{t('unchanged')}</dt>
        </div>
      </dl>
      <MonthsChart months={preview.months} labels={labels} />
      <dl className="lines">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
