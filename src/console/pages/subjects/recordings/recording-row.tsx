// One recording of a request: when, which queue, on what basis, how often staff heard it, and what becomes of it.
import { Link } from '@tanstack/react-router';
import { ArrowDownLeft, ArrowLeftRight, ArrowUpRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../../api/current-user.ts';
import { UserText } from '../../../components/user-text.tsx';
import { useFormat } from '../../../i18n/use-format.ts';
import { useWords } from '../../../i18n/use-words.ts';
import type { Outcome, SubjectRecording } from '../../../subjects/types.ts';
import { OutcomePick } from './outcome-pick.tsx';
import { OutcomeText } from './outcome-text.tsx';
import type { HoldName } from './use-hold-names.ts';

const ARROWS = { inbound: ArrowDownLeft, outbound: ArrowUpRight, internal: ArrowLeftRight };

type Props = {
  readonly row: SubjectRecording;
  readonly outcome: Outcome;
  /** Whether two people decided its outcome. */
  readonly isApproved: boolean;
  readonly holdName: (id: string) => HoldName | undefined;
  /** Chooses another outcome, or null for the suggested one; absent where that is not possible. */
  readonly choose?: (outcome: Outcome | null) => void;
};

export function RecordingRow({ row, outcome, isApproved, holdName, choose }: Props) {
  const { t } = useTranslation('subjects');
  const words = useWords();
  return (
    <tr>
      <td className="c-call nw">
        <CallTime row={row} />
      </td>
      <td className="c-queue">
        <Queue row={row} />
      </td>
      <td className={row.withdrawn ? 'c-basis no' : 'c-basis'}>
        {row.withdrawn ? t('table.withdrawn') : row.basis === null ? '–' : words.basis(row.basis)}
      </td>
      <td className="c-heard dim">
        <Heard row={row} />
      </td>
      <td className="c-outcome">
        <span className="row">
          <span className="grow">
            <OutcomeText row={row} outcome={outcome} isApproved={isApproved} holdName={holdName} />
          </span>
          {choose === undefined ? null : <OutcomePick row={row} outcome={outcome} choose={choose} />}
        </span>
      </td>
    </tr>
  );
}

/** The time of a call, with its year where that is another; a link for people who may open recordings. */
function CallTime({ row }: Pick<Props, 'row'>) {
  const me = useMe();
  const format = useFormat();
  if (row.began === null) return <span className="mono small">{row.recording.slice(0, 14)}…</span>;
  const text = format.call(row.began);
  if (!can(me, 'recording.read') || row.state === 'erased') return text;
  return (
    <Link to="/recordings/$id" params={{ id: row.recording }} className="plain">
      {text}
    </Link>
  );
}

function Queue({ row }: Pick<Props, 'row'>) {
  const words = useWords();
  const Arrow = row.direction === null ? undefined : ARROWS[row.direction as 'inbound'];
  return (
    <span className="row dotted">
      {Arrow === undefined ? null : (
        <>
          <Arrow className="i s" />
          <span className="sr">{words.direction(row.direction ?? '')}</span>
        </>
      )}
      <span>{row.queue === null ? <span className="mute">–</span> : <UserText text={row.queue} />}</span>
    </span>
  );
}

function Heard({ row: { heard } }: Pick<Props, 'row'>) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  if (heard.times === 0 || heard.last === null) return t('table.unheard');
  const said = { count: heard.times, day: format.dayMonth(heard.last) };
  return heard.times === 2 ? t('table.heard_two', said) : t('table.heard', said);
}
