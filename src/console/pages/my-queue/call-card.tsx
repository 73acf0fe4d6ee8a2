// One call of the queue: its facts, its clock, what can be done with it, and where it comes from.
import { Play } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../api/server-clock.ts';
import { directionOf, otherPartyNumber } from '../../components/call-name.ts';
import { UserText } from '../../components/user-text.tsx';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { canHear } from '../../queue/can-hear.ts';
import type { QueuedCall } from '../../queue/types.ts';
import type { CallActions } from './use-actions.ts';

type Props = {
  readonly call: QueuedCall;
  readonly number: number;
  readonly isNext: boolean;
  /** Whether another call follows. */
  readonly more: boolean;
  /** Whether single keys work: the buttons show theirs. */
  readonly keys: boolean;
  readonly actions: CallActions;
};

export function CallCard({ call, number, isNext, more, keys, actions }: Props) {
  const { t } = useTranslation('queue');
  const { listen, done, giveBack, later, ready } = actions;
  const hears = canHear(call, useNow(1_000));
  return (
    <div className="pad stack mq-call">
      <Heading call={call} number={number} isNext={isNext} />
      <Facts call={call} />
      <Clock call={call} />
      {hears ? (
        <button type="button" className="btn p l mq-listen" onClick={listen}>
          <Play className="i fill" />
          {t('listen')}
          <kbd>Enter</kbd>
        </button>
      ) : (
        <p className="wait">{t('over_text')}</p>
      )}
      <div className={call.started === null ? 'halves' : 'mq-three'}>
        {call.started === null ? null : (
          <button type="button" className="btn" disabled={!ready} onClick={done}>
            {t(more ? 'done_next' : 'done')}
            {keys ? <kbd>D</kbd> : null}
          </button>
        )}
        <button type="button" className="btn" disabled={!ready} onClick={giveBack}>
          {t('return')}
          {keys ? <kbd>R</kbd> : null}
        </button>
        <button type="button" className="btn" disabled={!more} onClick={later}>
          {t('later')}
          {keys ? <kbd>L</kbd> : null}
        </button>
      </div>
    </div>
  );
}

function Heading({ call, number, isNext }: Pick<Props, 'call' | 'number' | 'isNext'>) {
  const { t } = useTranslation('queue');
  const { t: calls } = useTranslation('recording');
  const format = useFormat();
  const { recording_facts: facts } = call;
  return (
    <header>
      <p className="yes m small">{t(isNext ? 'next' : 'chosen', { number })}</p>
      <h2 className="mq-title">
        {facts === null
          ? call.recording
          : t('call', {
              time: format.near(facts.started_at),
              direction: calls(`call.${directionOf(facts)}`),
            })}
      </h2>
    </header>
  );
}

function Facts({ call }: Pick<Props, 'call'>) {
  const { t } = useTranslation('queue');
  const words = useWords();
  const { recording_facts: facts, purpose } = call;
  if (facts === null) return null;
  const { duration_ms: duration, language } = facts;
  const length = duration === null ? null : formatClock(duration);
  const lines = [
    ['number', otherPartyNumber(facts)],
    ['agent', facts.agent],
    ['queue', facts.queue],
    [
      'length',
      length === null || language === null ? length : t('length', { length, language: words.speech(language) }),
    ],
    ['basis', words.basis(facts.basis_kind)],
    ['purpose', words.purpose(purpose)],
  ] as const;
  return (
    <dl className="kv">
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{t(`fact.${name}`)}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

function Clock({ call }: Pick<Props, 'call'>) {
  const { t } = useTranslation('queue');
  const format = useFormat();
  const now = useNow(1_000);
  const { started, expires, minutes, opens_until: until, extend_minutes: more, extended } = call;
  const lasts = minutes === null ? '–' : t('clock.minutes', { count: minutes });
  return (
    <dl className="mq-clock">
      <div>
        <dt>{t(started === null ? 'clock.first' : 'clock.left')}</dt>
        <dd role={started === null ? undefined : 'timer'}>
          {started === null ? lasts : formatClock(Date.parse(expires) - now)}
        </dd>
      </div>
      <div>
        <dt>{t('clock.latest')}</dt>
        <dd>{until === null ? '–' : format.due(until)}</dd>
      </div>
      <div>
        <dt>{t(more === null || extended !== null ? 'clock.none' : 'clock.extension')}</dt>
        <dd>{more === null || extended !== null ? '–' : t('clock.minutes', { count: more })}</dd>
      </div>
    </dl>
  );
}

export function SourceText({ call: { batch } }: Pick<Props, 'call'>) {
  const { t } = useTranslation('queue');
  const format = useFormat();
  const words = useWords();
  return (
    <section className="pad stack mq-part">
      <h2>{t('source')}</h2>
      <p className="dim">
        {t('source_text', { name: words.person(batch.maker.name), time: format.near(batch.created) })}
      </p>
      {batch.reason === null ? null : (
        <p className="mq-said">
          <UserText text={t('said', { reason: batch.reason })} />
        </p>
      )}
      <p className="dim">{t('source_approved')}</p>
    </section>
  );
}
