// How long the recording stays: until when it is kept and why, and when it expires.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CalendarClock, Scale } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import {
  AskedLifetime,
  KeptAnyway,
  KeptAnywayInShort,
  LifetimeInShort,
  LifetimeText,
} from '../../components/lifetime-text.tsx';
import { lifetimeQuery } from './queries.ts';

/** One line for the head: what keeps the recording, or when it expires. Nothing where there is nothing to say. */
export function LifetimeInHead({ recording }: { readonly recording: string }) {
  const me = useMe();
  const { data } = useQuery({ ...lifetimeQuery(recording), enabled: can(me, 'recording.lifetime') });
  if (data === undefined) return null;
  const { in_force: under, holds, restricted, asked } = data;
  const isSilent =
    asked === null && holds === 0 && restricted === null && under.keep === null && under.expires.cause === 'no_rules';
  if (isSilent) return null;
  return (
    <div className="facts kept-line">
      <span>
        {holds > 0 || restricted !== null ? <Scale className="i s" /> : <CalendarClock className="i s" />}
        <span>
          <KeptAnywayInShort lifetime={data} />
          {asked === null ? (
            <LifetimeInShort under={under} />
          ) : (
            <AskedLifetime lifetime={data}>
              <RequestLink id={asked.request} />
            </AskedLifetime>
          )}
        </span>
      </span>
    </div>
  );
}

/** Nothing where it cannot be read: the facts are shown all the same. */
export function LifetimeLine({ recording }: { readonly recording: string }) {
  const { t } = useTranslation('recording');
  const me = useMe();
  const { data } = useQuery({ ...lifetimeQuery(recording), enabled: can(me, 'recording.lifetime') });
  if (data === undefined) return null;
  const { asked } = data;
  return (
    <section className="lifetime row" aria-label={t('lifetime.title')}>
      <CalendarClock className="i" />
      <div className="grow">
        <p>
          {asked === null ? (
            <LifetimeText under={data.in_force} />
          ) : (
            <AskedLifetime lifetime={data} inFull>
              <RequestLink id={asked.request} />
            </AskedLifetime>
          )}
        </p>
        <KeptAnyway lifetime={data} />
      </div>
    </section>
  );
}

/** Nothing for who may not read requests. */
function RequestLink({ id }: { readonly id: string }) {
  const { t } = useTranslation('recording');
  if (!can(useMe(), 'lifetime.read')) return null;
  return (
    <Link className="link" to="/subject-requests/$id" params={{ id }}>
      {t('lifetime.asked_open')}
    </Link>
  );
}
