// What a change that lifts a legal hold does: which hold, and how many recordings leave it.
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import type { ChangeView } from './queries.ts';

type Lift = NonNullable<ChangeView['lift']>;

export function LiftCard({ lift: { hold, recordings, now } }: { readonly lift: Lift }) {
  const { t } = useTranslation('changes');
  const count = recordings?.length ?? now?.held ?? 0;
  return (
    <section className="card pad stack g3" aria-label={t('lift')}>
      <h2>
        <UserText text={now?.title ?? hold} />
      </h2>
      <p className="dim">
        <UserText text={now?.reference ?? hold} />
      </p>
      <p>{recordings === null ? t('lift_all', { count }) : t('lift_some', { count })}</p>
    </section>
  );
}
