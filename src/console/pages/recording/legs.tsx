// Legs of an interaction: all recordings of one contact, in the order of the calls.
import './changes.css';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { OneRecording } from '../../api/types.ts';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { interactionQuery } from './queries.ts';

export function Legs({ recording }: { readonly recording: OneRecording }) {
  const { t } = useTranslation('recording');
  const format = useFormat();
  const { interaction, id } = recording;
  const found = useQuery({ ...interactionQuery(id), enabled: interaction !== null });
  const legs = found.data?.data ?? [];
  if (interaction === null || legs.length < 2) return null;
  const sorted = legs.toSorted((one, other) => one.started_at.localeCompare(other.started_at));
  return (
    <section className="legs" aria-labelledby="legs">
      <h2 id="legs">{t('legs', { count: legs.length })}</h2>
      <ol>
        {sorted.map((leg) => {
          const about = [leg.agent, leg.queue].filter((text) => text !== null).join(' · ');
          const length = leg.duration_ms === null ? '' : formatClock(leg.duration_ms);
          const text = [format.dateTime(leg.started_at), length].filter((one) => one !== '').join(' · ');
          return (
            <li key={leg.id}>
              {leg.id === id ? (
                <b aria-current="true">{text}</b>
              ) : (
                <Link to="/recordings/$id" params={{ id: leg.id }}>
                  {text}
                </Link>
              )}
              <div className="dim">{leg.id === id ? [t('legs_this'), about].filter(Boolean).join(' · ') : about}</div>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
