// Row of facts under the tracks: number of marks of each kind, and the talk ratio. A click goes to the next mark.
import './facts-row.css';
import { Lock } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Marks } from '../content/marks.ts';
import type { Talk } from '../content/talk.ts';
import type { Who } from '../content/who.ts';
import type { Sound } from '../sound/sound.ts';
import { formatLength } from '../time/format-time.ts';
import { mergeSpans, type Span, totalOf } from '../time/spans.ts';
import { useWhoLabel } from './use-speakers.ts';

type Props = {
  readonly sound: Sound;
  readonly marks: Marks;
  readonly talk: Talk | null;
  readonly speaking: readonly [Who, Who] | null;
};

export function FactsRow({ sound, marks, talk, speaking }: Props) {
  const { t } = useTranslation('player');
  const kind = (name: 'silences' | 'crossings' | 'pauses' | 'redactions', look: string, spans: readonly Span[]) => {
    const total = totalOf(mergeSpans(spans));
    return spans.length === 0 ? null : (
      <button type="button" onClick={() => sound.seek(nextSpanStart(spans, sound.position()))}>
        <i className={`ev ${look}`}>{look === 'pau' ? <Lock className="i" /> : null}</i>
        {t(name, { count: spans.length })}
        {look === 'red' || total === 0 ? null : <b>{formatLength(total)}</b>}
      </button>
    );
  };
  return (
    <fieldset className="legend" aria-label={t('facts')}>
      {kind('silences', 'sil', marks.silences)}
      {kind('crossings', 'x', marks.crossTalk)}
      {kind('pauses', 'pau', marks.pauses)}
      {kind('redactions', 'red', marks.redactions)}
      {talk === null || speaking === null ? null : <TalkShares {...{ sound, talk, speaking }} />}
    </fieldset>
  );
}

type SharesProps = { readonly sound: Sound; readonly talk: Talk; readonly speaking: readonly [Who, Who] };

function TalkShares({ sound, talk, speaking }: SharesProps) {
  const { t } = useTranslation('player');
  const label = useWhoLabel();
  const { agent, customer, monologue } = talk;
  return (
    <span className="share">
      {monologue === null ? null : (
        <button type="button" className="run-longest" onClick={() => sound.seek(monologue.start)}>
          {t('longest')} <b>{formatLength(monologue.end - monologue.start)}</b>
        </button>
      )}
      <span>
        {label(speaking[0])} <b>{t('percent', { value: agent })}</b>
      </span>
      <span className="bar" aria-hidden="true">
        <i className="a" style={{ width: `${agent}%` }} />
        <i className="c" style={{ width: `${customer}%` }} />
      </span>
      <span>
        {label(speaking[1])} <b>{t('percent', { value: customer })}</b>
      </span>
    </span>
  );
}

function nextSpanStart(spans: readonly Span[], at: number): number {
  const sorted = [...spans].sort((one, other) => one.start - other.start);
  return (sorted.find(({ start }) => start > at + 100) ?? sorted[0])?.start ?? 0;
}
