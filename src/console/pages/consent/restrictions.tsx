// Restricting a recording while it is contested, and proposing to lift restrictions.
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { LiftDialog } from './lift-dialog.tsx';
import { RestrictDialog } from './restrict-dialog.tsx';

export function RestrictionsCard() {
  const { t } = useTranslation('consent');
  const me = useMe();
  const words = useWords();
  const [restricting, restrict] = useDisclosure(false);
  const [lifting, lift] = useDisclosure(false);
  const waiting = useQuery({ ...waitingChangesQuery, enabled: can(me, 'change.read') });
  const proposed = waiting.data?.data.filter(({ lift: one }) => (one?.restrictions ?? null) !== null) ?? [];
  return (
    <section className="card pad stack g3" aria-label={t('restrictions')}>
      <h2>{t('restrictions')}</h2>
      <p className="dim">{t('restrictions_text')}</p>
      <p className="dim">{t('restrictions_lift')}</p>
      {proposed.map(({ id, proposer_name: name, lift: one }) => (
        <p key={id}>
          {t('lift_waits', { count: one?.restrictions?.length ?? 0, name: words.person(name) })}{' '}
          <Link to="/changes/$id" params={{ id }} className="link">
            {t('review')}
          </Link>
        </p>
      ))}
      {can(me, 'basis.change') ? (
        <div className="row wrap">
          <button type="button" className="btn s" onClick={restrict.open}>
            {t('restrict')}
          </button>
          {can(me, 'change.propose') ? (
            <button type="button" className="btn s" onClick={lift.open}>
              {t('lift')}
            </button>
          ) : null}
        </div>
      ) : null}
      {restricting ? <RestrictDialog recording={null} close={restrict.close} /> : null}
      {lifting ? <LiftDialog recording={null} close={lift.close} /> : null}
    </section>
  );
}
