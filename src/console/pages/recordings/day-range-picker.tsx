// Calendar for a range of days, loaded when it opens.
import '@mantine/dates/styles.layer.css';
import './day-range-picker.css';
import 'dayjs/locale/zh-cn';
import { DatePicker, DatesProvider } from '@mantine/dates';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { serverNow } from '../../api/server-clock.ts';
import { midnight } from '../../i18n/days.ts';
import { useFormat } from '../../i18n/use-format.ts';

/** Formats of months and years; dayjs's Chinese has the month before the year. */
const LABELS = {
  en: { monthLabelFormat: 'MMMM YYYY', yearLabelFormat: 'YYYY', yearsListFormat: 'YYYY' },
  'zh-CN': { monthLabelFormat: 'YYYY 年 M 月', yearLabelFormat: 'YYYY 年', yearsListFormat: 'YYYY 年' },
} as const;

type Range = [string | null, string | null];

export function DayRangePicker({
  span,
  choose,
}: {
  readonly span: string | undefined;
  readonly choose: (span: string) => void;
}) {
  const { t, i18n } = useTranslation('recordings');
  const format = useFormat();
  const [first, last] = (span ?? '').includes('..') ? (span ?? '').split('..') : [];
  const [range, setRange] = useState<Range>([first ?? null, last ?? null]);
  const change = ([from, to]: Range): void => {
    setRange([from, to]);
    if (from !== null && to !== null) choose(`${from}..${to}`);
  };
  return (
    <DatesProvider settings={{ locale: i18n.language === 'zh-CN' ? 'zh-cn' : 'en', firstDayOfWeek: 1 }}>
      <div className="days">
        <DatePicker
          type="range"
          hideOutsideDates
          fullWidth
          withCellSpacing={false}
          highlightToday
          getDayAriaLabel={(day) => format.date(midnight(day, format.timeZone))}
          {...LABELS[i18n.language === 'zh-CN' ? 'zh-CN' : 'en']}
          ariaLabels={{
            previousMonth: t('span.previous'),
            nextMonth: t('span.next'),
            previousYear: t('span.previous'),
            nextYear: t('span.next'),
            previousDecade: t('span.previous'),
            nextDecade: t('span.next'),
            monthLevelControl: t('span.up'),
            yearLevelControl: t('span.up'),
          }}
          allowSingleDateInRange
          aria-label={t('span.days')}
          // The month of the days that were chosen, also once another month has begun.
          {...(first === undefined ? {} : { defaultDate: first })}
          value={range}
          onChange={change}
          maxDate={format.day(new Date(serverNow()).toISOString())}
        />
      </div>
    </DatesProvider>
  );
}
