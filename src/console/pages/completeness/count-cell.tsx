// One day of a queue: how many of the listed calls are stored, and what is wrong; it opens the calls.
import { Check, Clock, TriangleAlert, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useDays } from '../../i18n/use-days.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { type Cell, type Figures, WHATS } from './queries.ts';

type Props = {
  readonly cell: Cell;
  readonly name: string;
  readonly figures: Figures | undefined;
  readonly isOpen: boolean;
  readonly onOpen: (cell: Cell) => void;
};

export function CountCell({ cell, name, figures, isOpen, onOpen }: Props) {
  const { t } = useTranslation('completeness');
  const format = useFormat();
  const { dayMonth } = useDays();
  if (figures === undefined)
    return (
      <span className="faint">
        <span aria-hidden="true">–</span>
        <span className="sr">{t('no_calls')}</span>
      </span>
    );
  if (!figures.hasList) return <span className="dim">{t('no_list')}</span>;
  const problems = WHATS.flatMap((what) => {
    if (what === 'pending' || figures[what] === 0) return [];
    return [{ what, text: t(`problems.${what}`, { count: figures[what] }) }];
  });
  const waiting = figures.pending > 0 ? t('waiting', { count: figures.pending }) : null;
  const stored = t('stored_of', {
    stored: format.number(figures.stored),
    expected: format.number(figures.expected),
  });
  const lacks = figures.missing + figures.failed > 0;
  const isClear = problems.length === 0 && waiting === null;
  const words = [stored, ...problems.map(({ text }) => text), ...(waiting === null ? [] : [waiting])];
  const Icon = lacks ? X : isClear ? Check : problems.length > 0 ? TriangleAlert : Clock;
  const tone = lacks ? 'no' : isClear ? 'ok' : 'wait';
  const lines = (
    <>
      <span className="cc-top num">
        <Icon className={`i s ${tone}`} />
        {stored}
      </span>
      {isClear ? <span className="sub">{t('complete')}</span> : null}
      {problems.map(({ what, text }) => (
        <span key={what} className={what === 'missing' || what === 'failed' ? 'sub no' : 'sub wait'}>
          {text}
        </span>
      ))}
      {waiting === null ? null : <span className="sub">{waiting}</span>}
    </>
  );
  if (isClear) return <span className="count-cell">{lines}</span>;
  const day = dayMonth(cell.day);
  return (
    <button
      type="button"
      className="count-cell btn-cell"
      aria-expanded={isOpen}
      aria-label={t('open', { queue: name, day, what: words.join(', ') })}
      onClick={() => onOpen(cell)}
    >
      {lines}
    </button>
  );
}
