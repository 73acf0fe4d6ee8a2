// Talk table: each share, and the longest monologue.
import './talk-table.css';
import { useTranslation } from 'react-i18next';
import { formatClock } from '../../i18n/format-clock.ts';
import type { Talk } from '../content/talk.ts';
import type { Sound } from '../sound/sound.ts';
import { formatLength } from '../time/format-time.ts';

export function TalkTable({ sound, talk }: { readonly sound: Sound; readonly talk: Talk | null }) {
  const { t } = useTranslation('player');
  if (talk === null) return null;
  const { agent, customer, silence, crossTalk, monologue } = talk;
  const rows = { agent, customer, silence, cross_talk: crossTalk } as const;
  return (
    <section className="talk" aria-label={t('talk.title')}>
      <h2>{t('talk.title')}</h2>
      <dl className="pairs">
        {(Object.keys(rows) as (keyof typeof rows)[]).map((name) => (
          <div key={name}>
            <dt>{t(`talk.${name}`)}</dt>
            <dd>{t('percent', { value: rows[name] })}</dd>
          </div>
        ))}
        {monologue === null ? null : (
          <div>
            <dt>{t('talk.monologue')}</dt>
            <dd>
              {formatLength(monologue.end - monologue.start)} · {t(monologue.channel === 0 ? 'agent' : 'customer')} ·{' '}
              <button
                type="button"
                className="link"
                aria-label={t('play_from', { at: formatClock(monologue.start) })}
                onClick={() => sound.seek(monologue.start)}
              >
                {formatClock(monologue.start)}
              </button>
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}
