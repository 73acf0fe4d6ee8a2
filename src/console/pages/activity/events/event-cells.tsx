// Cells of a table row: time, person, action, call, reason, outcome, and the button that expands it.
import { ChevronDown, ChevronRight, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../../../components/avatar.tsx';
import { useFormat } from '../../../i18n/use-format.ts';
import { useWords } from '../../../i18n/use-words.ts';
import type { Fault } from '../log/check.ts';
import type { ActivityEvent } from '../log/queries.ts';
import { actionIconOf } from './action-icons.ts';
import type { EventText } from './event-text.ts';

type Props = {
  readonly event: ActivityEvent;
  readonly fault: Fault | undefined;
  readonly sayings: EventText;
  /** Shown instead of the event's outcome. */
  readonly outcome?: string;
  readonly open: boolean;
  readonly onToggle: () => void;
  /** Whether the row is one of the events of the row above. */
  readonly inside?: boolean;
  /** Number of events that the row combines. */
  readonly count?: number;
};

export function EventCells({ event, fault, sayings, outcome, open, onToggle, inside = false, count = 1 }: Props) {
  const { t } = useTranslation('activity');
  const format = useFormat();
  const words = useWords();
  const { index, at, action } = event;
  const { icon: Icon, tone } = actionIconOf(action);
  const { name, role } = sayings.who(event);
  const actionText = action === null ? t('unreadable') : words.action(action, event.object?.type);
  const refused = event.outcome === 'refused' || event.outcome === 'failed';
  const Chevron = open ? ChevronDown : ChevronRight;
  const values = { index: format.number(index), action: actionText, name };
  const [about, why] = [sayings.about(event), sayings.why(event)];
  const marked = (
    <span className={`row act-do ${tone}`}>
      <Icon className="i s" />
      <span className="cut" title={actionText}>
        {actionText}
      </span>
    </span>
  );
  return (
    <tr className={`${open ? 'open' : ''} ${fault === undefined ? '' : 'bad'} ${inside ? 'inside' : ''}`}>
      <td>
        <button
          type="button"
          className="btn q s sq"
          aria-expanded={open}
          aria-label={count > 1 ? t('open_upload', { ...values, count }) : t('open', values)}
          onClick={onToggle}
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
          <Avatar name={name} size="s" />
          <span className="who-cell">
            <span className="m cut" title={name}>
              {name}
            </span>
            <span className="sub cut" title={role}>
              {role}
            </span>
            <span className="act-narrow">
              {marked}
              <span className="act-about">{about}</span>
            </span>
          </span>
        </span>
      </td>
      <td className="wide-cell">{marked}</td>
      <td className="wide-cell cut" title={about}>
        {about}
      </td>
      <td className="wide-cell cut dim" title={why}>
        {why}
      </td>
      <td className={`wide-cell ${refused ? 'no' : ''}`}>{outcome ?? sayings.outcome(event)}</td>
      <td className="r mute num idx">
        {fault === undefined ? null : <TriangleAlert className="i s no" aria-hidden="true" />}
        {format.number(index)}
      </td>
    </tr>
  );
}
