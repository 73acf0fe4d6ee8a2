// Progress of a queue: a cell for each call, or a bar where there are many.
import { useTranslation } from 'react-i18next';

/** More cells than this would be too small to count. */
const MOST_CELLS = 24;

type Props = { readonly done: number; readonly total: number };

export function Progress({ done, total }: Props) {
  const { t } = useTranslation('queue');
  const label = t('progress', { done, count: total });
  return (
    <span className="mq-progress">
      {total > MOST_CELLS ? (
        <span className="bar" role="img" aria-label={label}>
          <i style={{ width: `${(done / total) * 100}%` }} />
        </span>
      ) : (
        <span className="cells" role="img" aria-label={label}>
          {Array.from({ length: total }, (_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
            <i key={at} className={at < done ? 'done' : at === done ? 'next' : undefined} />
          ))}
        </span>
      )}
      <span className="dim" aria-hidden="true">
        {label}
      </span>
    </span>
  );
}
