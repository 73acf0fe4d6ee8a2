// How long the recording stays: until when it is kept and why, and when it expires.
import { useQuery } from '@tanstack/react-query';
import { CalendarClock } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { KeptAnyway, LifetimeText } from '../../components/lifetime-text.tsx';
import { lifetimeQuery } from './queries.ts';

/** Nothing where it cannot be read: the facts are shown all the same. */
export function LifetimeLine({ recording }: { readonly recording: string }) {
  const { t } = useTranslation('recording');
  const me = useMe();
  const { data } = useQuery({ ...lifetimeQuery(recording), enabled: can(me, 'recording.lifetime') });
  if (data === undefined) return null;
  return (
    <section className="lifetime row" aria-label={t('lifetime.title')}>
      <CalendarClock className="i" />
      <div className="grow">
        <p>
          <LifetimeText under={data.in_force} />
        </p>
        <KeptAnyway lifetime={data} />
      </div>
    </section>
  );
}
