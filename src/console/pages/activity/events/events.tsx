// Table of events, with one row for each upload.
import './events.css';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { SubjectFilter } from '../filters/filter.ts';
import type { Fault } from '../log/check.ts';
import type { ActivityEvent } from '../log/queries.ts';
import { eventLinesOf } from './event-lines.ts';
import { EventRow } from './event-row.tsx';
import { type EventContext, useEventText } from './event-text.ts';
import { UploadRow } from './upload-row.tsx';

type Props = {
  readonly events: readonly ActivityEvent[];
  readonly cast: EventContext;
  readonly faults: ReadonlyMap<number, Fault>;
  readonly checked: boolean;
  readonly onAllOf: (named: Partial<SubjectFilter>) => void;
};

const WIDE = ['action', 'object', 'purpose', 'outcome'] as const;

export function Events({ events, cast, faults, checked, onAllOf }: Props) {
  const { t } = useTranslation('activity');
  const sayings = useEventText(cast);
  const lines = useMemo(() => eventLinesOf(events), [events]);
  const beside = { checked, sayings, onAllOf };
  return (
    <table className="tbl act-tbl" aria-label={t('title')}>
      <thead>
        <tr>
          <th className="w-open">
            <span className="sr">{t('column.expand')}</span>
          </th>
          <th className="w-time">{t('column.time')}</th>
          <th className="w-who">{t('column.who')}</th>
          {WIDE.map((name) => (
            <th key={name} className={`wide-cell w-${name}`}>
              {t(`column.${name}`)}
            </th>
          ))}
          <th className="r w-index">{t('column.index')}</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) =>
          line.events.length === 1 ? (
            <EventRow key={line.key} event={line.newest} fault={faults.get(line.newest.index)} {...beside} />
          ) : (
            <UploadRow key={line.key} line={line} faults={faults} {...beside} />
          ),
        )}
      </tbody>
    </table>
  );
}
