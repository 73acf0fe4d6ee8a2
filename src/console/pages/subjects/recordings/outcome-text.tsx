// What becomes of one recording, in words: until when and by which rule or hold; once approved, what was done, or why not.
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { UserText } from '../../../components/user-text.tsx';
import { useFormat } from '../../../i18n/use-format.ts';
import type { Outcome, SubjectRecording } from '../../../subjects/types.ts';
import type { HoldName } from './use-hold-names.ts';

type Props = {
  readonly row: SubjectRecording;
  readonly outcome: Outcome;
  readonly isApproved: boolean;
  readonly holdName: (id: string) => HoldName | undefined;
};

/** Kept without an end: the service says the last day that there can be. */
const FOR_EVER = '9999';
const BLOCKED: readonly string[] = ['held', 'restricted', 'kept-by-rules'];

export function OutcomeText({ row, outcome, isApproved, holdName }: Props) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  if (!isApproved) return <Becomes row={row} outcome={outcome} holdName={holdName} />;
  if (row.blocked !== null && row.done === null)
    return (
      <span className="row dotted wait">
        <TriangleAlert className="i s" />
        {t(`blocked.${BLOCKED.includes(row.blocked) ? (row.blocked as 'held') : 'other'}`, { code: row.blocked })}
      </span>
    );
  if (row.done === null) return <span className="dim">{t('going')}</span>;
  const until = untilOf(row);
  const said = { day: format.dayMonth(row.done), until: until === null ? '' : format.date(until) };
  return t(outcome === 'later' && until === null ? 'done.later_open' : `done.${outcome}`, said);
}

function untilOf({ keep_until: until }: SubjectRecording): string | null {
  return until === null || until.startsWith(FOR_EVER) ? null : until;
}

function Becomes({ row, outcome, holdName }: Omit<Props, 'isApproved'>) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  if (row.state === 'erased') return t('gone');
  if (outcome === 'later') {
    const until = untilOf(row);
    if (until === null) return t('becomes.later_open');
    const day = format.date(until);
    if (row.kept_by === null) return t('becomes.later_plain', { day });
    return <Said first={t('becomes.later', { day })} then={row.kept_by} />;
  }
  if (outcome === 'held') {
    const [first] = row.holds;
    const named = first === undefined ? undefined : holdName(first);
    if (named === undefined) return t('becomes.held_unnamed');
    const more = row.holds.length - 1;
    const then = more === 0 ? named.title : `${named.title} ${t('becomes.held_more', { count: more })}`;
    return <Said first={t('becomes.held', { reference: named.reference })} then={then} />;
  }
  return t(`becomes.${outcome}`);
}

function Said({ first, then }: { readonly first: string; readonly then: string }) {
  return (
    <>
      <UserText text={first} />{' '}
      <span className="dim">
        <UserText text={then} />
      </span>
    </>
  );
}
