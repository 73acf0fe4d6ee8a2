// Talk table: each share, and the longest monologue.
import './talk-table.css';
import { useTranslation } from 'react-i18next';
import { formatClock } from '../../i18n/format-clock.ts';
import type { Talk } from '../content/talk.ts';
import type { Who } from '../content/who.ts';
import type { Sound } from '../sound/sound.ts';
import { formatLength } from '../time/format-time.ts';
import { useWhoLabel } from './use-speakers.ts';

type Props = {
  readonly sound: Sound;
  readonly talk: Talk | null;
  readonly speaking: readonly [Who, Who] | null;
};

export function TalkTable({ sound, talk, speaking }: Props) {
  const { t } = useTranslation('player');
  const label = useWhoLabel();
  if (talk === null || speaking === null) return null;
  const { agent, customer, silence, crossTalk, monologue } = talk;
  const alone = (who: Who): string =>
    who === 'agent' || who === 'customer' ? t(`talk.${who}`) : t('talk.speaker', { name: label(who) });
  const rows = [
    [alone(speaking[0]), agent],
    [alone(speaking[1]), customer],
    [t('talk.silence'), silence],
    [t('talk.cross_talk'), crossTalk],
  ] as const;
  return (
    <section className="talk" aria-label={t('talk.title')}>
      <h2>{t('talk.title')}</h2>
      <dl className="pairs">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{t('percent', { value })}</dd>
          </div>
        ))}
        {monologue === null ? null : (
          <div>
            <dt>{t('talk.monologue')}</dt>
            <dd>
              {formatLength(monologue.end - monologue.start)} · {label(speaking[monologue.channel === 0 ? 0 : 1])} ·{' '}
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
