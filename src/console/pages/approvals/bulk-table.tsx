// Calls of several requests, each with its choice and, once decided, its outcome.
import { useTranslation } from 'react-i18next';
import type { ListedRequest } from '../../api/types.ts';
import { otherPartyNumber } from '../../components/call-name.ts';
import { useRowChoice } from '../../components/use-row-choice.ts';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { sameNumberCount } from './queue.ts';
import type { Outcomes } from './use-bulk.ts';

type Props = {
  readonly requests: readonly ListedRequest[];
  readonly chosen: ReadonlySet<string>;
  readonly choose: (ids: readonly string[], on: boolean) => void;
  /** Requests that can be chosen. */
  readonly open: readonly string[];
  /** Codes of requests that cannot be approved. */
  readonly impossible: ReadonlyMap<string, string>;
  readonly outcomes: Outcomes;
};

export function BulkTable({ requests, chosen, choose, open, impossible, outcomes }: Props) {
  const { t } = useTranslation('approvals');
  const some = open.filter((id) => chosen.has(id)).length;
  const { table, pick, onKeyDown } = useRowChoice(open, chosen, choose, useStore(settings).decideKeys);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys move between the boxes inside
    <section className="card bulk" ref={table} onKeyDown={onKeyDown}>
      <table className="tbl">
        <thead>
          <tr>
            <th>
              <input
                type="checkbox"
                className="box"
                aria-label={t('bulk.choose_all')}
                disabled={open.length === 0}
                checked={some > 0 && some === open.length}
                ref={(box) => {
                  if (box !== null) box.indeterminate = some > 0 && some < open.length;
                }}
                onChange={({ currentTarget: { checked } }) => choose(open, checked)}
              />
            </th>
            <th>{t('fact.when')}</th>
            <th>{t('fact.number')}</th>
            <th className="bulk-agent">{t('fact.agent')}</th>
            <th className="r bulk-length">{t('fact.length')}</th>
            <th>{t('bulk.notes')}</th>
          </tr>
        </thead>
        <tbody>
          {requests.map((request) => (
            <BulkRow
              key={request.id}
              request={request}
              isChosen={chosen.has(request.id)}
              isOpen={open.includes(request.id)}
              pick={pick}
              code={impossible.get(request.id)}
              outcome={outcomes.get(request.id)}
              same={sameNumberCount(requests, request)}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

type RowProps = {
  readonly request: ListedRequest;
  readonly isChosen: boolean;
  readonly isOpen: boolean;
  readonly pick: ReturnType<typeof useRowChoice>['pick'];
  readonly code: string | undefined;
  readonly outcome: ReturnType<Outcomes['get']>;
  /** How many of these calls have its number; null where no other has. */
  readonly same: number | null;
};

function BulkRow({ request, isChosen, isOpen, pick, code, outcome, same }: RowProps) {
  const { t } = useTranslation('approvals');
  const format = useFormat();
  const facts = request.recording_facts;
  const when = facts === null ? t('gone') : format.near(facts.started_at);
  const length = facts === null || facts.duration_ms === null ? '–' : formatClock(facts.duration_ms);
  return (
    <tr className={isOpen ? '' : 'off'}>
      <td>
        <input
          type="checkbox"
          className="box"
          aria-label={t('bulk.choose', { call: when })}
          checked={isChosen}
          disabled={!isOpen}
          data-choice={request.id}
          onChange={({ currentTarget: { checked }, nativeEvent }) =>
            pick(request.id, checked, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
          }
        />
      </td>
      <td className="num nw">{when}</td>
      <td className="num nw">{facts === null ? '–' : (otherPartyNumber(facts) ?? '–')}</td>
      <td className="bulk-agent">{facts?.agent ?? '–'}</td>
      <td className="r num bulk-length">{length}</td>
      <td>
        <Note code={code} outcome={outcome} same={same} />
      </td>
    </tr>
  );
}

function Note({ code, outcome, same }: Pick<RowProps, 'code' | 'outcome' | 'same'>) {
  const { t } = useTranslation('approvals');
  const words = useWords();
  if (outcome?.outcome === 'approved') return <span className="yes m">{t('bulk.approved')}</span>;
  if (outcome?.outcome === 'denied') return <span className="dim m">{t('bulk.denied')}</span>;
  const why = outcome?.code ?? code;
  if (why !== undefined && why !== null) return <span className="no">{words.checkCode(why)}</span>;
  return same === null ? null : <span className="tag wait whole">{t('bulk.same_number', { count: same })}</span>;
}
