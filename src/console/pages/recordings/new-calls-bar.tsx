// Says how many calls came meanwhile, where it moves no row; a click shows them.
import { ArrowUp } from 'lucide-react';
import { useTranslation } from 'react-i18next';

type Props = { readonly count: number; readonly more: boolean; readonly show: () => Promise<void> };

export function NewCallsBar({ count, more, show }: Props) {
  const { t } = useTranslation('recordings');
  return (
    <div className="fresh" role="status">
      {count === 0 ? null : (
        <button type="button" className="btn s a" onClick={() => void show()}>
          <ArrowUp className="i s" />
          {more ? t('fresh.many', { count: count - 1 }) : t('fresh.bar', { count })}
        </button>
      )}
    </div>
  );
}
