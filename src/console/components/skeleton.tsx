// Placeholder in the shape of the coming content, shown after a short delay.
import { useTranslation } from 'react-i18next';
import { useDelayPassed } from './use-delay-passed.ts';

const ROWS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Rows of a table, or lines of a card. */
export function Skeleton({ rows = 8, shape = 'rows' }: { readonly rows?: number; readonly shape?: 'rows' | 'lines' }) {
  const { t } = useTranslation();
  const late = useDelayPassed();
  return (
    <div className={`skel ${shape}`} role="status" aria-busy="true">
      <span className="sr">{late ? t('state.loading') : ''}</span>
      {late
        ? ROWS.slice(0, rows).map((row) => (
            <div key={row} className="skel-row" aria-hidden="true">
              <i className="sk box-sk" />
              <i className="sk" />
              <i className="sk wide" />
              <i className="sk" />
              <i className="sk end" />
            </div>
          ))
        : null}
    </div>
  );
}
