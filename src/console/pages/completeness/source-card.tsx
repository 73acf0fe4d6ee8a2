// One source: a table of its queues and days, and below it the calls of the chosen cell.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDays } from '../../i18n/use-days.ts';
import { CallsCard } from './calls-card.tsx';
import { CountCell } from './count-cell.tsx';
import { type Cell, type Counts, figuresOf, queuesOf } from './queries.ts';

type Props = {
  readonly source: string;
  readonly days: readonly string[];
  readonly counts: readonly Counts[];
  /** Whether another service than the recorder sends its lists. */
  readonly independent: boolean;
};

export function SourceCard({ source, days, counts, independent }: Props) {
  const { t } = useTranslation('completeness');
  const { dayMonth } = useDays();
  const [open, setOpen] = useState<Cell | null>(null);
  const nameOf = (queue: string | null | undefined): string =>
    queue === undefined ? t('all_queues') : (queue ?? t('no_queue'));
  const figures = ({ day, queue }: Cell) =>
    figuresOf(counts.filter((one) => one.day === day && (queue === undefined || (one.queue ?? null) === queue)));
  const queues = queuesOf(counts);
  const rows: readonly (string | null | undefined)[] = queues.length > 1 ? [undefined, ...queues] : queues;
  const isOpen = (cell: Cell): boolean => open !== null && open.day === cell.day && open.queue === cell.queue;
  const chosen = open === null ? undefined : figures(open);
  return (
    <>
      <section className="card list-card" aria-label={t('source', { source })}>
        <div className="list-head">
          <h2>{t('source', { source })}</h2>
          <span className="grow" />
          <span className="mute small">{t(independent ? 'independent' : 'own_list')}</span>
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: the section around it is the region; this is its scroll container. */}
        <div
          className="wide-table"
          role="group"
          aria-label={t('source', { source })}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
          tabIndex={0}
        >
          <table className="tbl counts-tbl">
            <thead>
              <tr>
                <th scope="col">{t('queue')}</th>
                {days.map((day) => (
                  <th key={day} scope="col">
                    {dayMonth(day)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((queue) => (
                <tr key={queue === undefined ? 'all' : `queue ${queue ?? ''}`}>
                  <th scope="row">{nameOf(queue)}</th>
                  {days.map((day) => {
                    const cell = { source, day, queue };
                    return (
                      <td key={day} className={figures(cell) === undefined ? 'no-calls' : undefined}>
                        <span className="narrow-word">{dayMonth(day)}</span>
                        <CountCell
                          cell={cell}
                          name={nameOf(queue)}
                          figures={figures(cell)}
                          isOpen={isOpen(cell)}
                          onOpen={(next) => setOpen(isOpen(next) ? null : next)}
                        />
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      {open === null || chosen === undefined ? null : (
        <CallsCard
          key={`${open.day} ${open.queue ?? ''} ${open.queue === undefined}`}
          cell={open}
          name={nameOf(open.queue)}
          figures={chosen}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}
