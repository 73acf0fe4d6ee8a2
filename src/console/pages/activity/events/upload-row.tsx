// Table row of one upload: its last event, and all its events when expanded.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SubjectFilter } from '../filters/filter.ts';
import type { Fault } from '../log/check.ts';
import { EventCells } from './event-cells.tsx';
import type { EventLine } from './event-lines.ts';
import { COLUMN_COUNT, EventRow } from './event-row.tsx';
import type { EventText } from './event-text.ts';

type Props = {
  readonly line: EventLine;
  readonly faults: ReadonlyMap<number, Fault>;
  readonly checked: boolean;
  readonly sayings: EventText;
  readonly onAllOf: (named: Partial<SubjectFilter>) => void;
};

export function UploadRow({ line: { newest, events }, faults, checked, sayings, onAllOf }: Props) {
  const { t } = useTranslation('activity');
  const [open, setOpen] = useState(false);
  const bad = events.find(({ index }) => faults.has(index));
  const fault = bad === undefined ? undefined : faults.get(bad.index);
  return (
    <>
      <EventCells
        event={newest}
        fault={fault}
        sayings={sayings}
        outcome={t('events_in', { count: events.length })}
        open={open}
        onToggle={() => setOpen(!open)}
        count={events.length}
      />
      {fault === undefined || open ? null : (
        <tr className="bad">
          <td colSpan={COLUMN_COUNT} className="fault no">
            {t(`faults.${fault}`)}
          </td>
        </tr>
      )}
      {open
        ? events.map((event) => (
            <EventRow
              key={event.index}
              event={event}
              fault={faults.get(event.index)}
              checked={checked}
              sayings={sayings}
              onAllOf={onAllOf}
              inside
            />
          ))
        : null}
    </>
  );
}
