// The calls behind the counts of one day: a tab for each kind, a line for each call.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CountedCallBody } from '../../../http/reply-types.ts';
import { can, useMe } from '../../api/current-user.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { MoreRows } from '../../components/more-rows.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { formatClock } from '../../i18n/format-clock.ts';
import { useDays } from '../../i18n/use-days.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { type Cell, callPages, type Figures, WHATS, type What } from './queries.ts';

type Props = {
  readonly cell: Cell;
  readonly name: string;
  readonly figures: Figures;
  readonly onClose: () => void;
};

export function CallsCard({ cell, name, figures, onClose }: Props) {
  const { t } = useTranslation('completeness');
  const format = useFormat();
  const { date } = useDays();
  const shown = WHATS.filter((what) => figures[what] > 0);
  const [chosen, setChosen] = useState<string>(shown[0] ?? 'missing');
  const title = t('calls_of', { queue: name, day: date(cell.day) });
  const { delayP50, delayP95 } = figures;
  return (
    <div className="card list-card calls-card">
      <div className="list-head">
        <h2>{title}</h2>
        {delayP50 === null || delayP95 === null ? null : (
          <span className="dim">{t('delay', { half: format.span(delayP50), most: format.span(delayP95) })}</span>
        )}
        <span className="grow" />
        <button type="button" className="btn s" aria-label={t('close')} onClick={onClose}>
          <X className="i s" />
        </button>
      </div>
      <Tabs
        label={title}
        chosen={chosen}
        onChoose={setChosen}
        tabs={shown.map((what) => ({
          id: what,
          label: t(`what.${what}`),
          count: figures[what],
          body: <CallList cell={cell} what={what} />,
        }))}
      />
    </div>
  );
}

function CallList({ cell, what }: { readonly cell: Cell; readonly what: What }) {
  const { t } = useTranslation('completeness');
  const list = useInfiniteQuery(callPages(cell, what));
  const calls = (list.data?.pages ?? []).flatMap(({ data }) => data);
  if (list.isPending) return <Skeleton rows={4} />;
  if (list.isError && list.data === undefined)
    return <ErrorCard bare error={list.error} title={t('error_calls')} onRetry={() => void list.refetch()} />;
  if (calls.length === 0) return <StateCard bare icon={Check} title={t('no_calls_left')} />;
  return (
    <>
      <p className="dim calls-mean">{t(`means.${what}`)}</p>
      <table className="tbl calls-tbl">
        <thead>
          <tr>
            <th>{t('column.call')}</th>
            <th>{t('column.start')}</th>
            <th>{t('column.queue')}</th>
            <th className="r">{t('column.length')}</th>
            {what === 'mismatch' ? <th>{t('column.differs')}</th> : null}
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <CallLine key={call.recording} call={call} what={what} />
          ))}
        </tbody>
      </table>
      <MoreRows list={list} text={t('more')} />
    </>
  );
}

function CallLine({ call, what }: { readonly call: CountedCallBody; readonly what: What }) {
  const { t } = useTranslation('completeness');
  const format = useFormat();
  const me = useMe();
  const { recording, call_id: callId, leg, started_at: start, queue, duration_ms: length, expected_ms: listed } = call;
  const name = callId === null ? recording : leg === null || leg === '0' ? callId : `${callId} · ${leg}`;
  const clock = (ms: number | null) => (ms === null ? '–' : formatClock(ms));
  return (
    <tr>
      <td className="mono cut">
        {can(me, 'recording.read') ? (
          <Link to="/recordings/$id" params={{ id: recording }}>
            {name}
          </Link>
        ) : (
          name
        )}
      </td>
      <td>{format.seconds(start)}</td>
      <td>{queue ?? t('none')}</td>
      <td className="r num">
        {clock(length)} / {clock(listed)}
      </td>
      {what === 'mismatch' ? <td>{format.list(call.differs.map((one) => t(`differs.${one}`)))}</td> : null}
    </tr>
  );
}
