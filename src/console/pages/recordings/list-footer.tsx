// Footer of the list: the selection with its request button; newer and older pages.
import { useDisclosure } from '@mantine/hooks';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../api/types.ts';

const BulkAsk = lazy(async () => ({ default: (await import('./bulk-request.tsx')).BulkRequest }));

/** Maximum of recordings in one bulk request. */
const MAX_SELECTED = 50;

type Props = {
  readonly selected: readonly Recording[];
  readonly clear: () => void;
  readonly newer: (() => void) | null;
  readonly older: (() => void) | null;
};

export function ListFooter({ selected, clear, newer, older }: Props) {
  const { t } = useTranslation('recordings');
  const [opened, { open, close }] = useDisclosure(false);
  const count = selected.length;
  return (
    <div className="tfoot">
      {count > 0 ? (
        <>
          <span className="m strong" role="status">
            {t('foot.selected', { count })}
          </span>
          <button type="button" className="btn s p" disabled={count > MAX_SELECTED} onClick={open}>
            {t('foot.ask', { count })}
          </button>
          {count > MAX_SELECTED ? <span className="wait small">{t('foot.most', { count: MAX_SELECTED })}</span> : null}
          <button type="button" className="btn s q" onClick={clear}>
            {t('foot.clear')}
          </button>
          {opened ? (
            <Suspense fallback={null}>
              <BulkAsk
                recordings={selected}
                close={(done) => {
                  close();
                  if (done) clear();
                }}
              />
            </Suspense>
          ) : null}
        </>
      ) : null}
      <span className="grow" />
      <div className="row wide-only">
        <button type="button" className="btn s" disabled={newer === null} onClick={() => newer?.()}>
          <ChevronLeft className="i s" />
          {t('foot.newer')}
        </button>
        <button type="button" className="btn s" disabled={older === null} onClick={() => older?.()}>
          {t('foot.older')}
          <ChevronRight className="i s" />
        </button>
      </div>
    </div>
  );
}
