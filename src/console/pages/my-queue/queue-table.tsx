// Calls of a queue in this screen's order, and those that were finished last. Facts only, numbers masked.
import { Check, CornerUpLeft, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../api/server-clock.ts';
import type { RecordingFacts } from '../../api/types.ts';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { QueuedCall } from '../../queue/types.ts';

type TableProps = {
  readonly calls: readonly QueuedCall[];
  readonly chosen: string | undefined;
  readonly choose: (id: string) => void;
  /** The number of the first call. */
  readonly first: number;
  readonly later: readonly string[];
};

export function QueueTable({ calls, chosen, choose, first, later }: TableProps) {
  const { t } = useTranslation('queue');
  return (
    <table className="tbl mq-tbl" aria-label={t('calls')}>
      <Columns />
      <thead>
        <tr>
          <th className="r" scope="col">
            <span className="sr">{t('column.number')}</span>
          </th>
          <th scope="col">{t('column.time')}</th>
          <th scope="col">{t('column.agent')}</th>
          <th scope="col" className="wide-cell">
            {t('column.queue')}
          </th>
          <th scope="col" className="r">
            {t('column.length')}
          </th>
          <th scope="col" className="wide-cell">
            {t('column.from')}
          </th>
          <th scope="col">{t('column.state')}</th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call, at) => (
          <Row
            key={call.id}
            call={call}
            number={first + at}
            isChosen={call.id === chosen}
            isNext={at === 0}
            isLater={later.includes(call.id)}
            choose={choose}
          />
        ))}
      </tbody>
    </table>
  );
}

type RowProps = {
  readonly call: QueuedCall;
  readonly number: number;
  readonly isChosen: boolean;
  readonly isNext: boolean;
  readonly isLater: boolean;
  readonly choose: (id: string) => void;
};

function Row({ call, number, isChosen, isNext, isLater, choose }: RowProps) {
  const { t } = useTranslation('queue');
  const format = useFormat();
  const words = useWords();
  const facts = call.recording_facts;
  const time = facts === null ? '–' : format.near(facts.started_at);
  const from = words.person(call.batch.maker.name);
  return (
    <tr className={isChosen ? 'sel cur' : ''} aria-current={isChosen ? 'true' : undefined}>
      <td className={isChosen ? 'r num yes b' : 'r num mute'}>{number}</td>
      <td className="num">
        <button
          type="button"
          className="mq-pick"
          aria-label={t(isChosen ? 'shown' : 'choose', { time })}
          data-yields-enter={isChosen ? '' : undefined}
          onClick={() => choose(call.id)}
        >
          {time}
        </button>
      </td>
      <FactCells facts={facts} />
      <td className="cut wide-cell">
        <span className="tag line" title={t('from', { name: from })}>
          <span className="cut">{t('from', { name: from })}</span>
        </span>
      </td>
      <td className="cut">
        <State call={call} isNext={isNext} isLater={isLater} />
      </td>
    </tr>
  );
}

function State({ call, isNext, isLater }: Pick<RowProps, 'call' | 'isNext' | 'isLater'>) {
  const { t } = useTranslation('queue');
  const now = useNow(1_000);
  const left = Date.parse(call.expires) - now;
  if (call.work.state === 'started' && left > 0)
    return <span className="wait m num">{t('state.started', { left: formatClock(left) })}</span>;
  if (call.work.state === 'started') return <span className="wait m">{t('state.over')}</span>;
  if (isLater) return <span className="mute">{t('state.later')}</span>;
  return isNext ? <span className="yes m">{t('state.next')}</span> : <span className="mute">{t('state.open')}</span>;
}

function FactCells({ facts }: { readonly facts: RecordingFacts | null }) {
  return (
    <>
      <td className="cut" title={facts?.agent ?? undefined}>
        {facts?.agent ?? '–'}
      </td>
      <td className="cut wide-cell" title={facts?.queue ?? undefined}>
        {facts?.queue ?? '–'}
      </td>
      <td className="r num">{facts === null || facts.duration_ms === null ? '–' : formatClock(facts.duration_ms)}</td>
    </>
  );
}

/** Finished calls that are shown before all are asked for. */
const SHOWN_FINISHED = 6;

export function FinishedTable({ calls }: { readonly calls: readonly QueuedCall[] }) {
  const { t } = useTranslation('queue');
  const [all, setAll] = useState(false);
  if (calls.length === 0) return null;
  return (
    <>
      <div className="mq-cut row">
        <h2 className="grow">{t('done_title')}</h2>
        {all || calls.length <= SHOWN_FINISHED ? null : (
          <button type="button" className="link" onClick={() => setAll(true)}>
            {t('done_all', { count: calls.length })}
          </button>
        )}
      </div>
      <table className="tbl mq-tbl" aria-label={t('done_title')}>
        <Columns />
        <tbody>
          {(all ? calls : calls.slice(0, SHOWN_FINISHED)).map((call) => (
            <FinishedRow key={call.id} call={call} />
          ))}
        </tbody>
      </table>
    </>
  );
}

const MARKS = { done: Check, returned: CornerUpLeft } as const;

function FinishedRow({ call }: { readonly call: QueuedCall }) {
  const { t } = useTranslation('queue');
  const format = useFormat();
  const words = useWords();
  const { recording_facts: facts, batch, work } = call;
  const Mark = work.state === 'done' || work.state === 'returned' ? MARKS[work.state] : X;
  const time = work.at === null ? '' : format.brief(work.at);
  const heard = work.heard_percent === null ? null : t('heard', { share: work.heard_percent });
  const text = useFinishedText()(call);
  return (
    <tr className="dn">
      <td />
      <td className="num">{facts === null ? '–' : format.near(facts.started_at)}</td>
      <FactCells facts={facts} />
      <td className="cut wide-cell">{heard ?? t('from', { name: words.person(batch.maker.name) })}</td>
      <td title={text}>
        <span className="row g1">
          <Mark className="i s" />
          <span className="cut" aria-hidden="true">
            {time}
          </span>
          <span className="sr">{text}</span>
        </span>
      </td>
    </tr>
  );
}

/** How a call was finished, and when. */
function useFinishedText(): (call: QueuedCall) => string {
  const { t } = useTranslation('queue');
  const format = useFormat();
  return ({ work: { state, at } }) => {
    const time = at === null ? '' : format.near(at);
    if (state === 'done') return t('done_at', { time });
    return state === 'returned' ? t('returned_at', { time }) : t('ended_at', { time });
  };
}

function Columns() {
  return (
    <colgroup>
      <col className="c-no" />
      <col className="c-when" />
      <col className="c-who" />
      <col className="wide-cell" />
      <col className="c-long" />
      <col className="c-from wide-cell" />
      <col className="c-is" />
    </colgroup>
  );
}
