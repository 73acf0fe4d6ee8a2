// Table row of one event, with its details below.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SubjectFilter } from '../filters/filter.ts';
import type { Fault } from '../log/check.ts';
import type { ActivityEvent } from '../log/queries.ts';
import { EventCells } from './event-cells.tsx';
import { EventDetail } from './event-detail.tsx';
import type { EventText } from './event-text.ts';

type Props = {
  readonly event: ActivityEvent;
  readonly fault: Fault | undefined;
  readonly checked: boolean;
  readonly sayings: EventText;
  readonly onAllOf: (named: Partial<SubjectFilter>) => void;
  /** Whether it is one of the events of the row above. */
  readonly inside?: boolean;
};

/** Number of columns, for the details that span them all. */
export const COLUMN_COUNT = 8;

export function EventRow({ event, fault, checked, sayings, onAllOf, inside = false }: Props) {
  const { t } = useTranslation('activity');
  const [open, setOpen] = useState(false);
  return (
    <>
      <EventCells
        event={event}
        fault={fault}
        sayings={sayings}
        open={open}
        onToggle={() => setOpen(!open)}
        inside={inside}
      />
      {fault === undefined ? null : (
        <tr className="bad">
          <td colSpan={COLUMN_COUNT} className="fault no">
            {t(`faults.${fault}`)}
          </td>
        </tr>
      )}
      {open ? (
        <tr className="ex">
          <td colSpan={COLUMN_COUNT}>
            <EventDetail event={event} agrees={checked && fault === undefined} sayings={sayings} onAllOf={onAllOf} />
          </td>
        </tr>
      ) : null}
    </>
  );
}
