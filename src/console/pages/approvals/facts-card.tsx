// Facts of the requested recording, without its content.
import { useTranslation } from 'react-i18next';
import type { RecordingFacts } from '../../api/types.ts';
import { otherPartyNumber } from '../../components/call-name.ts';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';

type Name = 'when' | 'number' | 'agent' | 'queue' | 'length' | 'basis' | 'class' | 'objects';

export function FactsCard({ facts }: { readonly facts: RecordingFacts | null | undefined }) {
  const { t } = useTranslation('approvals');
  const words = useWords();
  const format = useFormat();
  if (facts === null || facts === undefined)
    return (
      <section className="card pad stack">
        <h2>{t('recording')}</h2>
        <p className="dim">{t('gone')}</p>
      </section>
    );
  const direction = words.direction(facts.direction ?? '').toLowerCase();
  const length = facts.duration_ms === null ? null : formatClock(facts.duration_ms);
  const speech = facts.language === null ? null : words.speech(facts.language);
  const left: [Name, string | null][] = [
    [
      'when',
      direction === '' ? format.near(facts.started_at) : t('when', { time: format.near(facts.started_at), direction }),
    ],
    ['number', otherPartyNumber(facts)],
    ['agent', facts.agent],
    ['queue', facts.queue],
  ];
  const right: [Name, string | null][] = [
    ['length', [length, speech].filter((part) => part !== null).join(' · ')],
    ['basis', facts.basis_kind === null ? null : words.basis(facts.basis_kind)],
    ['class', facts.sensitivity === null ? null : words.sensitivity(facts.sensitivity)],
    ['objects', facts.objects.map(words.thing).join(' · ')],
  ];
  return (
    <section className="card pad stack g3">
      <div className="row">
        <h2>{t('recording')}</h2>
        <span className="grow" />
        <span className="mute small">{t('facts_only')}</span>
      </div>
      <div className="two-kv">
        {[left, right].map((side) => (
          <dl className="kv" key={side[0]?.[0]}>
            {side.map(([name, value]) => (
              <div key={name}>
                <dt>{t(`fact.${name}`)}</dt>
                <dd>{value === null || value === '' ? '–' : value}</dd>
              </div>
            ))}
          </dl>
        ))}
      </div>
    </section>
  );
}
