// One event of the table, and its details under it.
import { ChevronDown, ChevronRight, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Face } from '../../components/face.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { Fault } from './check.ts';
import { EventDetail } from './event-detail.tsx';
import type { Sayings } from './event-words.ts';
import type { Named } from './filter.ts';
import { markOf } from './marks.ts';
import type { ActivityEvent } from './queries.ts';

type Props = {
  readonly event: ActivityEvent;
  readonly fault: Fault | undefined;
  readonly checked: boolean;
  readonly sayings: Sayings;
  readonly onNamed: (named: Partial<Named>) => void;
};

export function EventRow({ event, fault, checked, sayings, onNamed }: Props) {
  const { t } = useTranslation('activity');
  const format = useFormat();
  const words = useWords();
  const [open, setOpen] = useState(false);
  const { index, at, action } = event;
  const { icon: Icon, tone } = markOf(action);
  const { name, role } = sayings.who(event);
  const said = action === null ? t('unreadable') : words.action(action);
  const refused = event.outcome === 'refused' || event.outcome === 'failed';
  const Chevron = open ? ChevronDown : ChevronRight;
  const label = t('open', { index: format.number(index) });
  const marked = (
    <span className={`row act-do ${tone}`}>
      <Icon className="i s" />
      <span className="cut">{said}</span>
    </span>
  );
  return (
    <>
      <tr className={`${open ? 'open' : ''} ${fault === undefined ? '' : 'bad'}`}>
        <td>
          <button
            type="button"
            className="btn q s sq"
            aria-expanded={open}
            aria-label={label}
            onClick={() => setOpen(!open)}
          >
            <Chevron className="i s" />
          </button>
        </td>
        <td className="num">
          {at === null ? '' : <time dateTime={at}>{format.seconds(at)}</time>}
          <span className="sub">{at === null ? '' : format.dayMonth(at)}</span>
        </td>
        <td>
          <span className="row">
            <Face name={name} size="s" />
            <span className="who-cell">
              <span className="m cut">{name}</span>
              <span className="sub cut">{role}</span>
              <span className="act-narrow">{marked}</span>
            </span>
          </span>
        </td>
        <td className="wide-cell">{marked}</td>
        <td className="wide-cell cut">{sayings.about(event)}</td>
        <td className="wide-cell cut dim">{sayings.why(event)}</td>
        <td className={`wide-cell ${refused ? 'no' : ''}`}>{sayings.outcome(event)}</td>
        <td className="r mute num idx">
          {fault === undefined ? null : <TriangleAlert className="i s no" aria-hidden="true" />}
          {format.number(index)}
        </td>
      </tr>
      {fault === undefined ? null : (
        <tr className="bad">
          <td colSpan={8} className="fault no">
            {t(`faults.${fault}`)}
          </td>
        </tr>
      )}
      {open ? (
        <tr className="ex">
          <td colSpan={8}>
            <EventDetail event={event} agrees={checked && fault === undefined} sayings={sayings} onNamed={onNamed} />
          </td>
        </tr>
      ) : null}
    </>
  );
}
