// The table of events, and what stands under it: more of them, or where it ends.
import './events.css';
import { useTranslation } from 'react-i18next';
import type { Fault } from './check.ts';
import { EventRow } from './event-row.tsx';
import { type Cast, useSayings } from './event-words.ts';
import type { Named } from './filter.ts';
import type { ActivityEvent } from './queries.ts';

type Props = {
  readonly events: readonly ActivityEvent[];
  readonly cast: Cast;
  readonly faults: ReadonlyMap<number, Fault>;
  readonly checked: boolean;
  readonly onNamed: (named: Partial<Named>) => void;
};

const WIDE = ['action', 'object', 'purpose', 'outcome'] as const;

export function Events({ events, cast, faults, checked, onNamed }: Props) {
  const { t } = useTranslation('activity');
  const sayings = useSayings(cast);
  return (
    <table className="tbl act-tbl">
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
        {events.map((event) => (
          <EventRow
            key={event.index}
            event={event}
            fault={faults.get(event.index)}
            checked={checked}
            sayings={sayings}
            onNamed={onNamed}
          />
        ))}
      </tbody>
    </table>
  );
}
