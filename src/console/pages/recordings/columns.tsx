// Columns of the table: facts only, numbers masked, no call content.

import { Link } from '@tanstack/react-router';
import { createColumnHelper, type RowData, rowSelectionFeature, tableFeatures } from '@tanstack/react-table';
import { ArrowDownLeft, ArrowLeftRight, ArrowUpRight, AudioLines, ChevronDown, FileText } from 'lucide-react';
import { createContext, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../api/types.ts';
import { otherPartyNumber } from '../../components/call-name.ts';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { AccessCell } from './access-cell.tsx';

export const features = tableFeatures({ rowSelectionFeature });
const helper = createColumnHelper<typeof features, Recording & RowData>();

/** Chooses or leaves a row, with Shift all from the one before; stable, so that rows are not rendered again. */
export const RowChoiceContext = createContext<(id: string, on: boolean, isRange: boolean) => void>(() => undefined);

const ARROWS = { inbound: ArrowDownLeft, outbound: ArrowUpRight, internal: ArrowLeftRight };
type Direction = keyof typeof ARROWS;
type Row = { readonly recording: Recording };
type TextKey = 'number' | 'agent' | 'queue' | 'length' | 'objects' | 'state' | 'consent' | 'access';

function Head({ name }: { readonly name: TextKey }) {
  const { t } = useTranslation('recordings');
  return t(`column.${name}`);
}

function TimeHead() {
  const { t } = useTranslation('recordings');
  return (
    <span className="row g1">
      {t('column.time')}
      <ChevronDown className="i s" />
    </span>
  );
}

function DirectionHead() {
  const { t } = useTranslation('recordings');
  return (
    <>
      <span className="sr">{t('column.direction')}</span>
      <ArrowLeftRight className="i s" />
    </>
  );
}

function TimeCell({ recording }: Row) {
  const { t } = useTranslation('recordings');
  const format = useFormat();
  const time = format.seconds(recording.started_at);
  const near = format.near(recording.started_at);
  const label = t('column.open', { time: near });
  // The date is omitted for today; other days omit the seconds.
  const day = near === format.time(recording.started_at) ? null : format.dayMonth(recording.started_at);
  return (
    <Link to="/recordings/$id" params={{ id: recording.id }} className="plain" aria-label={label}>
      {day === null ? null : <span className="sub">{day}</span>}
      {time}
    </Link>
  );
}

function DirectionCell({ recording }: Row) {
  const words = useWords();
  const direction = recording.direction ?? '';
  const Arrow = ARROWS[direction as Direction];
  const word = words.direction(direction);
  return (
    <span className="row g1" title={word}>
      {Arrow === undefined ? null : <Arrow className="i s" />}
      <span className="sr">{word}</span>
    </span>
  );
}

function NumberCell({ recording }: Row) {
  const { t } = useTranslation('recordings');
  const number = otherPartyNumber(recording);
  if (number !== null) return number;
  return <span className="mute">{recording.direction === 'internal' ? t('column.internal') : '–'}</span>;
}

function ObjectsCell({ recording }: Row) {
  const { t } = useTranslation('recordings');
  const words = useWords();
  const names = recording.objects.map(({ name }) => name);
  const tags = names.flatMap((name) => (name.startsWith('transcript/') ? [name.slice('transcript/'.length)] : []));
  const sound = names.includes('audio');
  if (!sound && tags.length === 0)
    return (
      <span className="mute">
        –<span className="sr">{t('column.none')}</span>
      </span>
    );
  return (
    <span className="objs">
      {sound ? (
        <>
          <AudioLines className="i" />
          <span className="sr">{t('column.audio')}</span>
        </>
      ) : null}
      {tags.length > 0 ? (
        <>
          <FileText className="i" />
          <span className="sr">{t('column.transcript')}</span>
        </>
      ) : null}
      {tags.map((tag) => (
        <span key={tag} className="small" title={words.speech(tag)}>
          {tag.split('-')[0]}
        </span>
      ))}
    </span>
  );
}

function StateCell({ recording }: Row) {
  const words = useWords();
  if (recording.quarantine.length > 0)
    return (
      <span className="tag wait" title={recording.quarantine.map(words.quarantine).join(' · ')}>
        {words.state('quarantined')}
      </span>
    );
  return (
    <span className="row">
      {recording.state === 'available' ? <i className="dot quiet" /> : null}
      {words.state(recording.state)}
    </span>
  );
}

function ConsentCell({ recording: { basis } }: Row) {
  const words = useWords();
  if (basis === null) return '–';
  return basis.kind === 'none' ? <span className="no m">{words.basis('none')}</span> : words.givenBasis(basis);
}

function SelectCell({ recording, on, open }: Row & { readonly on: boolean; readonly open: boolean }) {
  const { t } = useTranslation('recordings');
  const format = useFormat();
  const pick = useContext(RowChoiceContext);
  return (
    <input
      type="checkbox"
      className="box"
      aria-label={t('column.select', { time: format.seconds(recording.started_at) })}
      checked={on}
      disabled={!open}
      data-choice={recording.id}
      onChange={({ currentTarget: { checked }, nativeEvent }) =>
        pick(recording.id, checked, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
      }
    />
  );
}

function SelectHead({ all, some, toggle }: { readonly all: boolean; readonly some: boolean; toggle: () => void }) {
  const { t } = useTranslation('recordings');
  return (
    <input
      type="checkbox"
      className="box"
      aria-label={t('column.select_all')}
      checked={all}
      ref={(box) => {
        if (box !== null) box.indeterminate = some && !all;
      }}
      onChange={toggle}
    />
  );
}

export const columns = helper.columns([
  helper.display({
    id: 'select',
    header: ({ table }) => (
      <SelectHead
        all={table.getIsAllRowsSelected()}
        some={table.getIsSomeRowsSelected()}
        toggle={() => table.toggleAllRowsSelected()}
      />
    ),
    cell: ({ row }) => <SelectCell recording={row.original} on={row.getIsSelected()} open={row.getCanSelect()} />,
  }),
  helper.display({ id: 'time', header: TimeHead, cell: ({ row }) => <TimeCell recording={row.original} /> }),
  helper.display({ id: 'dir', header: DirectionHead, cell: ({ row }) => <DirectionCell recording={row.original} /> }),
  helper.display({
    id: 'number',
    header: () => <Head name="number" />,
    cell: ({ row }) => <NumberCell recording={row.original} />,
  }),
  helper.display({ id: 'agent', header: () => <Head name="agent" />, cell: ({ row }) => row.original.agent ?? '–' }),
  helper.display({ id: 'queue', header: () => <Head name="queue" />, cell: ({ row }) => row.original.queue ?? '–' }),
  helper.display({
    id: 'length',
    header: () => <Head name="length" />,
    cell: ({ row: { original } }) => (original.duration_ms === null ? '–' : formatClock(original.duration_ms)),
  }),
  helper.display({
    id: 'objects',
    header: () => <Head name="objects" />,
    cell: ({ row }) => <ObjectsCell recording={row.original} />,
  }),
  helper.display({
    id: 'state',
    header: () => <Head name="state" />,
    cell: ({ row }) => <StateCell recording={row.original} />,
  }),
  helper.display({
    id: 'consent',
    header: () => <Head name="consent" />,
    cell: ({ row }) => <ConsentCell recording={row.original} />,
  }),
  helper.display({
    id: 'access',
    header: () => <Head name="access" />,
    cell: ({ row }) => <AccessCell recording={row.original} />,
  }),
]);
