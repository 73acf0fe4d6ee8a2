// How many recordings have each outcome, a line each.
import './outcome-counts.css';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.ts';
import { OutcomeIcon } from './outcome-icon.tsx';
import { OUTCOMES } from './outcomes.ts';
import type { Counts } from './types.ts';

export function OutcomeCounts({ counts }: { readonly counts: Counts }) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  return (
    <ul className="outcome-counts">
      {OUTCOMES.map((outcome) => {
        const count = counts[outcome] ?? 0;
        return count === 0 ? null : (
          <li key={outcome}>
            <OutcomeIcon outcome={outcome} />
            <b>{format.number(count)}</b>
            <span>{t(`decision.line.${outcome}`)}</span>
          </li>
        );
      })}
    </ul>
  );
}
