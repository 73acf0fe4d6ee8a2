// Choosing which calls of a reviewer go to others: returned ones first, with why, and those that are not finished.
import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCallName } from '../../components/call-name.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { UserText } from '../../components/user-text.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { toAssign } from '../../state/to-assign.ts';
import { batchQuery } from './queries.ts';
import type { Batch, BatchReviewer, OneBatch } from './types.ts';

type Props = { readonly batch: Batch; readonly reviewer: BatchReviewer; readonly close: () => void };

export function ReassignDialog({ batch, reviewer, close }: Props) {
  const { t } = useTranslation('assignments');
  const words = useWords();
  const one = useQuery(batchQuery(batch.id));
  const name = words.person(reviewer.name);
  const calls = one.data?.grants.filter(({ person }) => person === reviewer.id) ?? [];
  return (
    <Modal
      opened
      onClose={close}
      title={t('reassign_calls', { name })}
      size={560}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {one.isError ? <ErrorCard error={one.error} bare onRetry={() => void one.refetch()} /> : null}
      {one.isPending ? <Skeleton rows={4} shape="lines" /> : null}
      {one.data === undefined ? null : <Calls batch={batch} calls={calls.filter(isMovable)} close={close} />}
    </Modal>
  );
}

type Call = OneBatch['grants'][number];

/** Calls that another reviewer can get instead. */
function isMovable({ work }: Call): boolean {
  return work.state === 'open' || work.state === 'started' || work.state === 'returned';
}

function Calls({ batch, calls, close }: Pick<Props, 'batch' | 'close'> & { readonly calls: readonly Call[] }) {
  const { t } = useTranslation('assignments');
  const callName = useCallName();
  const returned = calls.filter(({ work }) => work.state === 'returned');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(
    () => new Set((returned.length > 0 ? returned : calls).map(({ id }) => id)),
  );
  const toggle = (id: string, on: boolean): void =>
    setChosen((before) => new Set(on ? [...before, id] : [...before].filter((one) => one !== id)));
  const go = (): void => {
    const { purpose, objects, reason } = batch;
    toAssign.set({
      calls: calls
        .filter(({ id }) => chosen.has(id))
        .map(({ id, recording, recording_facts: facts }) => ({ recording, facts, insteadOf: id })),
      before: { purpose, objects, reason: reason ?? '' },
    });
    close();
  };
  return (
    <div className="stack g4">
      <p className="dim">{t('reassign_text')}</p>
      <ul className="asg-calls">
        {[...returned, ...calls.filter(({ work }) => work.state !== 'returned')].map((call) => (
          <li key={call.id}>
            <label className="row top-row">
              <input
                type="checkbox"
                className="box"
                checked={chosen.has(call.id)}
                onChange={({ currentTarget: { checked } }) => toggle(call.id, checked)}
              />
              <span className="grow">
                {call.recording_facts === null ? call.recording : callName(call.recording_facts)}
                <span className="sub-text">
                  {t(`work.${stateOf(call)}`)}
                  {call.work.reason === null ? null : (
                    <>
                      {' '}
                      <UserText text={t('said', { reason: call.work.reason })} />
                    </>
                  )}
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      <div className="row">
        <span className="grow" />
        <button type="button" className="btn" onClick={close}>
          {t('cancel')}
        </button>
        <button type="button" className="btn p" disabled={chosen.size === 0} onClick={go}>
          {t('choose_reviewers', { count: chosen.size })}
        </button>
      </div>
    </div>
  );
}

function stateOf({ work: { state } }: Call): 'returned' | 'started' | 'open' {
  return state === 'returned' || state === 'started' ? state : 'open';
}
