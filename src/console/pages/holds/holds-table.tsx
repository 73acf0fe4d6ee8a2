// The holds, a line each: what each is about, its state, how many recordings it keeps, its review, who placed it.
import { Link } from '@tanstack/react-router';
import { Repeat } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../api/server-clock.ts';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { Hold } from './queries.ts';
import { useScopeText } from './use-scope-text.ts';

export function HoldsTable({ holds }: { readonly holds: readonly Hold[] }) {
  const { t } = useTranslation('holds');
  return (
    <table className="tbl hold-tbl">
      <thead>
        <tr>
          <th className="c-hold">{t('column.hold')}</th>
          <th className="c-state">{t('column.state')}</th>
          <th className="r c-count">{t('column.recordings')}</th>
          <th className="c-covers">{t('column.covers')}</th>
          <th className="c-review">{t('column.review')}</th>
          <th className="c-placed">{t('column.placed')}</th>
        </tr>
      </thead>
      <tbody>
        {holds.map((hold) => (
          <Line key={hold.id} hold={hold} />
        ))}
      </tbody>
    </table>
  );
}

function Line({ hold }: { readonly hold: Hold }) {
  const { t } = useTranslation('holds');
  const format = useFormat();
  const words = useWords();
  const scopeText = useScopeText();
  return (
    <tr className={hold.state === 'lifted' ? 'off' : undefined}>
      <td className="c-hold">
        <Link to="/holds/$id" params={{ id: hold.id }} className="link m">
          <UserText text={hold.title ?? t('no_title')} />
        </Link>
        <span className="sub">
          <UserText text={hold.reference ?? hold.id} />
        </span>
      </td>
      <td className="c-state">
        <StateTag hold={hold} />
      </td>
      <td className="r num c-count">
        <span className="narrow-word">{t('column.recordings')} </span>
        {format.number(hold.state === 'lifted' ? hold.recordings : hold.held)}
      </td>
      <td className="c-covers">
        <UserText text={scopeText(hold)} />
        {hold.continuing && hold.state !== 'lifted' ? (
          <span className="sub with-icon">
            <Repeat className="i s" />
            {t('continuing')}
          </span>
        ) : null}
      </td>
      <td className="c-review">
        <span className="narrow-word">{t('column.review')} </span>
        <ReviewDay hold={hold} />
      </td>
      <td className="c-placed">
        <UserText text={words.person(hold.placed_by_name)} />
        <span className="sub">{format.date(hold.placed)}</span>
      </td>
    </tr>
  );
}

const TAGS = { placing: 'tag wait', active: 'tag yes', lifted: 'tag' } as const;

/** The state; damage goes before it, because it stops every erasure. */
export function StateTag({ hold: { state, damaged } }: { readonly hold: Pick<Hold, 'state' | 'damaged'> }) {
  const { t } = useTranslation('holds');
  if (damaged) return <span className="tag no">{t('damaged')}</span>;
  return <span className={TAGS[state as 'active']}>{t(`state.${state as 'active'}`)}</span>;
}

/** When the hold is looked at again; a mark where that day has passed. */
export function ReviewDay({ hold: { state, review } }: { readonly hold: Pick<Hold, 'state' | 'review'> }) {
  const { t } = useTranslation('holds');
  const format = useFormat();
  const now = useNow(60_000);
  const isOverdue = state !== 'lifted' && Date.parse(review) < now;
  return (
    <>
      {state === 'lifted' ? <span className="mute">–</span> : format.date(review)}
      {isOverdue ? <span className="tag wait overdue">{t('overdue')}</span> : null}
    </>
  );
}
