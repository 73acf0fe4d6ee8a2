// Filter by period: since yesterday, the last days, any time, or days from a calendar.
import './span-filter.css';
import { Popover } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Calendar, ChevronDown } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { serverNow } from '../../api/server-clock.ts';
import { dayStart, midnight } from '../../i18n/days.ts';
import { useFormat } from '../../i18n/use-format.ts';
import type { RecordingsSearch } from './search-params.ts';

const Days = lazy(async () => ({ default: (await import('./day-range-picker.tsx')).DayRangePicker }));
const DEFAULT_SPAN = '2d';
const SPANS = [DEFAULT_SPAN, '7d', '30d', 'all'] as const;

/** A period in words. */
export function useSpanText(): (span: string | undefined) => string {
  const { t } = useTranslation('recordings');
  const format = useFormat();
  return (span) => {
    const known = SPANS.find((one) => one === (span ?? DEFAULT_SPAN));
    if (known !== undefined) return t(`span.${known}`);
    const [from = '', to = ''] = (span ?? '').split('..').map((day) => format.dayMonth(midnight(day, format.timeZone)));
    return from === to ? from : t('span.between', { from, to });
  };
}

export function SpanFilter() {
  const { t } = useTranslation('recordings');
  const navigate = useNavigate();
  const format = useFormat();
  const spanWords = useSpanText();
  const { span } = useSearch({ from: '/shell/recordings' });
  const [opened, { open, close }] = useDisclosure(false);
  const choose = (next: string): void => {
    const search = ({ span: _, ...rest }: RecordingsSearch) => (next === DEFAULT_SPAN ? rest : { ...rest, span: next });
    void navigate({ to: '/recordings', search });
    close();
  };
  const since = format.dayMonth(dayStart(serverNow(), format.timeZone, 1));
  return (
    <Popover opened={opened} onChange={(to) => (to ? open() : close())} trapFocus position="bottom-start">
      <Popover.Target>
        <button type="button" className="ctl" aria-expanded={opened} onClick={opened ? close : open}>
          <Calendar className="i s" />
          <span className="sr">{t('span.label')}</span>
          <span className="v">{span === undefined ? t('span.since', { date: since }) : spanWords(span)}</span>
          <ChevronDown className="i s" />
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('span.label')}>
        <div className="stack g3 span-pop">
          <div className="seg">
            {SPANS.map((one) => (
              <button key={one} type="button" aria-pressed={(span ?? DEFAULT_SPAN) === one} onClick={() => choose(one)}>
                {t(`span.${one}`)}
              </button>
            ))}
          </div>
          <Suspense fallback={<div className="days-space" />}>
            <Days span={span} choose={choose} />
          </Suspense>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
