// All facts of a recording that the reader may see.
import { useTranslation } from 'react-i18next';
import type { OneRecording } from '../../api/types.ts';
import { UserText } from '../../components/user-text.tsx';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { CorrectButton } from './correct-dialog.tsx';
import { Legs } from './legs.tsx';
import { LifetimeLine } from './lifetime-line.tsx';
import { RestrictionButton } from './restriction.tsx';

export function DetailsTab({ recording }: { readonly recording: OneRecording }) {
  const { t } = useTranslation('recording');
  const format = useFormat();
  const words = useWords();
  const { direction, duration_ms: duration, language, basis, quarantine, restricted } = recording;
  const restrictionText = ({ at, ground }: NonNullable<OneRecording['restricted']>): string =>
    [t(`ground.${ground as 'claims'}`), format.date(at)].join(' · ');
  const facts = {
    id: recording.id,
    started: format.dateTime(recording.started_at),
    duration: duration === null ? null : formatClock(duration),
    direction: direction === null ? null : words.direction(direction),
    from: recording.from_masked,
    to: recording.to_masked,
    agent: recording.agent,
    queue: recording.queue,
    ticket: recording.ticket,
    interaction: recording.interaction,
    wrap_up: recording.wrap_up,
    language: language === null ? null : words.speech(language),
    basis: basis === null ? null : words.givenBasis(basis),
    sensitivity: words.sensitivity(recording.sensitivity),
    retain_until: recording.retain_until === null ? null : format.date(recording.retain_until),
    // Most recordings are not: their details do not mention it.
    ...(restricted === null ? {} : { restricted: restrictionText(restricted) }),
    source: recording.source,
    objects: format.list(recording.objects.map(({ name }) => words.thing(name))),
    state: [words.state(recording.state), ...quarantine.map(words.quarantine)].join(' · '),
  };
  const eventText = ([name, at]: readonly [string, string]) => [name, format.dateTime(at)] as const;
  const own = [...Object.entries(recording.fields), ...Object.entries(recording.events).map(eventText)];
  return (
    <>
      <div className="row wrap to-do">
        <CorrectButton recording={recording} />
        <RestrictionButton recording={recording} />
      </div>
      <LifetimeLine recording={recording.id} />
      <dl className="pairs">
        {(Object.keys(facts) as (keyof typeof facts)[]).map((name) => (
          <div key={name}>
            <dt>{t(`facts.${name}`)}</dt>
            <dd className={name === 'id' ? 'mono' : ''}>
              {facts[name] ?? <span className="mute">{t('unknown')}</span>}
            </dd>
          </div>
        ))}
        {own.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <UserText text={value} />
            </dd>
          </div>
        ))}
      </dl>
      <Legs recording={recording} />
    </>
  );
}
