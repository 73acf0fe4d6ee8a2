// All recordings of a request, grouped by what becomes of each.
import { useQuery } from '@tanstack/react-query';
import { SearchX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorCard } from '../../../components/error-card.tsx';
import { Skeleton } from '../../../components/skeleton.tsx';
import { StateCard } from '../../../components/state-card.tsx';
import { useFormat } from '../../../i18n/use-format.ts';
import { OutcomeIcon } from '../../../subjects/outcome-icon.tsx';
import { type Chosen, FIRST_ROWS, type Group, groupsOf, nextShown, outcomeOf } from '../../../subjects/outcomes.ts';
import { foundRecordingsQuery } from '../../../subjects/queries.ts';
import { isToDecide } from '../../../subjects/stage.ts';
import type { Outcome, SubjectRequest } from '../../../subjects/types.ts';
import { SearchAgain } from '../search-form.tsx';
import { RecordingRow } from './recording-row.tsx';
import { useHoldNames } from './use-hold-names.ts';

type Props = {
  readonly request: SubjectRequest;
  readonly chosen: Chosen;
  /** Absent where outcomes cannot be chosen. */
  readonly setChosen?: (chosen: Chosen) => void;
};

export function RecordingsCard({ request, chosen, setChosen }: Props) {
  const { t } = useTranslation('subjects');
  const { data, error, isError, refetch } = useQuery(foundRecordingsQuery(request));
  const holdName = useHoldNames(data ?? []);
  const isOpen = isToDecide(request);
  const isApproved = !isOpen && ['doing', 'answered'].includes(request.state);
  const groups = groupsOf(data ?? [], (row) => outcomeOf(row, chosen, isOpen));
  const choose = (recording: string, outcome: Outcome | null): void => {
    const next = new Map(chosen);
    if (outcome === null) next.delete(recording);
    else next.set(recording, outcome);
    setChosen?.(next);
  };
  if (request.recordings.found === 0)
    return (
      <StateCard
        icon={SearchX}
        title={t('nothing.title')}
        action={setChosen === undefined ? undefined : <SearchAgain request={request} />}
      >
        {t('nothing.text')}
      </StateCard>
    );
  return (
    <section className="card found" aria-labelledby="found-title">
      <div className="found-head">
        <h2 id="found-title">{t('table.title', { count: request.recordings.found })}</h2>
        <span className="grow" />
        <span className="mute small">{t('table.hint')}</span>
        {setChosen === undefined ? null : <SearchAgain request={request} />}
      </div>
      {isError && data === undefined ? (
        <ErrorCard bare error={error} title={t('table.error')} onRetry={() => void refetch()} />
      ) : null}
      {data === undefined && !isError ? <Skeleton rows={6} /> : null}
      {data === undefined ? null : (
        <table className="tbl">
          <thead>
            <tr>
              <th className="c-call">{t('table.call')}</th>
              <th className="c-queue">{t('table.queue')}</th>
              <th className="c-basis">{t('table.basis')}</th>
              <th className="c-heard">{t('table.heard')}</th>
              <th className="c-outcome">{t('table.outcome')}</th>
            </tr>
          </thead>
          {groups.map((group) => (
            <GroupRows
              key={group.outcome}
              group={group}
              row={(one) => (
                <RecordingRow
                  key={one.recording}
                  row={one}
                  outcome={group.outcome}
                  isApproved={isApproved || one.done !== null}
                  holdName={holdName}
                  {...(setChosen === undefined || one.done !== null
                    ? {}
                    : { choose: (outcome: Outcome | null) => choose(one.recording, outcome) })}
                />
              )}
            />
          ))}
        </table>
      )}
    </section>
  );
}

type GroupProps = { readonly group: Group; readonly row: (row: Group['rows'][number]) => React.ReactNode };

function GroupRows({ group: { outcome, rows }, row }: GroupProps) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  const [shown, setShown] = useState(FIRST_ROWS);
  // A last single row takes no more room than the line that would show it.
  const count = rows.length <= shown + 1 ? rows.length : shown;
  const hidden = rows.slice(count);
  const next = nextShown(count, rows.length);
  return (
    <tbody>
      <tr className="group">
        <th colSpan={5} scope="rowgroup">
          <span className="row wrap dotted">
            <OutcomeIcon outcome={outcome} />
            <b>{t('group_head', { group: t(`group.${outcome}`), number: format.number(rows.length) })}</b>
            <span className="dim">{t(`group_text.${outcome}`)}</span>
          </span>
        </th>
      </tr>
      {rows.slice(0, count).map(row)}
      {hidden.length === 0 ? null : (
        <tr className="more">
          <td colSpan={5}>
            <button type="button" className="link" onClick={() => setShown(next)}>
              {t('table.more', { count: next - count })}
            </button>{' '}
            <HiddenText rows={hidden} />
          </td>
        </tr>
      )}
    </tbody>
  );
}

/** From when the hidden calls are, and how often they were heard. */
function HiddenText({ rows }: Pick<Group, 'rows'>) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  const times = rows.reduce((sum, { heard }) => sum + heard.times, 0);
  const [first, last] = [rows.at(-1)?.began ?? '', rows[0]?.began ?? ''];
  const heard =
    times === 0
      ? t('table.heard_none')
      : times === 2
        ? t('table.heard_all_two')
        : t('table.heard_all', { count: times });
  return <span className="mute small">{t('table.more_text', { months: format.months(first, last), heard })}</span>;
}
