// Footer of the list: the selection with its request and assign buttons; newer and older pages.
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import type { Recording } from '../../api/types.ts';
import { toAssign } from '../../state/to-assign.ts';
import { isRequestable } from './access-summary.ts';
import { isAssignable } from './use-selectable.ts';

const BulkAsk = lazy(async () => ({ default: (await import('./bulk-request.tsx')).BulkRequest }));

/** Maximum of recordings in one bulk request, and in one assignment. */
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
  const navigate = useNavigate();
  const me = useMe();
  const count = selected.length;
  const requestable = selected.filter(isRequestable);
  const assignable = can(me, 'batch.make') ? selected.filter(isAssignable) : [];
  const assign = (): void => {
    toAssign.set({ calls: assignable.map((facts) => ({ recording: facts.id, facts })), before: null });
    void navigate({ to: '/assignments' });
  };
  return (
    <div className="tfoot">
      {count > 0 ? (
        <>
          <span className="m strong" role="status">
            {t('foot.selected', { count })}
          </span>
          {requestable.length === 0 ? null : (
            <button type="button" className="btn s p" disabled={requestable.length > MAX_SELECTED} onClick={open}>
              {t('foot.ask', { count: requestable.length })}
            </button>
          )}
          {assignable.length === 0 ? null : (
            <button type="button" className="btn s p" disabled={assignable.length > MAX_SELECTED} onClick={assign}>
              {t('foot.assign', { count: assignable.length })}
            </button>
          )}
          {count > MAX_SELECTED ? <span className="wait small">{t('foot.most', { count: MAX_SELECTED })}</span> : null}
          <button type="button" className="btn s q" onClick={clear}>
            {t('foot.clear')}
          </button>
          {opened ? (
            <Suspense fallback={null}>
              <BulkAsk
                recordings={requestable}
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
