// What a change that lifts a legal hold or restrictions does: which hold, and how many recordings.
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import type { ChangeView } from './queries.ts';

type Lift = NonNullable<ChangeView['lift']>;

/** How many recordings a lift is about. */
export function liftedCount({ recordings, restrictions, now }: Lift): number {
  return restrictions?.length ?? recordings?.length ?? now?.held ?? 0;
}

export function LiftCard({ lift }: { readonly lift: Lift }) {
  const { t } = useTranslation('changes');
  const { hold, recordings, restrictions, now } = lift;
  const count = liftedCount(lift);
  if (restrictions !== null)
    return (
      <section className="card pad stack g3" aria-label={t('lift')}>
        <p>{t('lift_restrictions', { count })}</p>
      </section>
    );
  return (
    <section className="card pad stack g3" aria-label={t('lift')}>
      <h2>
        <UserText text={now?.title ?? hold ?? ''} />
      </h2>
      <p className="dim">
        <UserText text={now?.reference ?? hold ?? ''} />
      </p>
      <p>{recordings === null ? t('lift_all', { count }) : t('lift_some', { count })}</p>
    </section>
  );
}
