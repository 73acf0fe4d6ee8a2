// Marks under the lanes: silence, cross-talk, pause, redaction, search matches, and a pin for each comment.
import './marks-track.css';
import { Lock, type LucideIcon, Scissors } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatClock } from '../../i18n/format-clock.ts';
import { isCut, type Marks } from '../content/marks.ts';
import type { Hit } from '../content/search.ts';
import type { Comment } from '../session/types.ts';
import type { Sound } from '../sound/sound.ts';
import type { Span } from '../time/spans.ts';
import { leftPercent, spanStyle } from './scale.ts';
import { usePauseLabel } from './use-pause-label.ts';

type Props = {
  readonly sound: Sound;
  readonly duration: number;
  readonly marks: Marks;
  readonly comments: readonly Comment[];
  readonly chosen: string | null;
  readonly hits: readonly Hit[];
  readonly onComment: (id: string) => void;
};

/** Pointer only: the row of facts reaches every mark by keyboard, and the list of comments every pin. */
export function MarksTrack({ sound, duration, marks, comments, chosen, hits, onComment }: Props) {
  const { t } = useTranslation('player');
  const pauseLabel = usePauseLabel();
  const mark = (kind: string, span: Span, label: string, Icon?: LucideIcon) => (
    <button
      key={`${kind}-${span.start}`}
      type="button"
      tabIndex={-1}
      className={`ev ${kind}`}
      style={spanStyle(span, duration)}
      aria-label={t('mark_at', { mark: label, at: formatClock(span.start) })}
      title={Icon === undefined ? undefined : label}
      onClick={() => sound.seek(span.start)}
    >
      {Icon === undefined ? null : <Icon className="i" />}
    </button>
  );
  return (
    <fieldset className="events" aria-label={t('marks')}>
      {marks.silences.map((span) => mark('sil', span, t('silence')))}
      {marks.crossTalk.map((span) => mark('x', span, t('cross_talk')))}
      {marks.pauses.map((pause) =>
        mark(isCut(pause) ? 'pau cut' : 'pau', pause, pauseLabel(pause), isCut(pause) ? Scissors : Lock),
      )}
      {marks.redactions.map((span) => mark('red', span, t('redaction')))}
      <Hits hits={hits} duration={duration} />
      {comments.map(({ id, start_ms: start }, n) => (
        <button
          key={id}
          type="button"
          tabIndex={-1}
          className={`pin${id === chosen ? ' on' : ''}`}
          style={{ left: leftPercent(start, duration) }}
          aria-label={t('comment_at_number', { number: n + 1, at: formatClock(start) })}
          onClick={() => onComment(id)}
        >
          {n + 1}
        </button>
      ))}
    </fieldset>
  );
}

const MAX_HIT_MARKS = 500;

/** Matches at the same place share a mark. */
const Hits = memo(function Hits({ hits, duration }: { readonly hits: readonly Hit[]; readonly duration: number }) {
  const step = duration / MAX_HIT_MARKS;
  const positions =
    hits.length > MAX_HIT_MARKS ? hits.map(({ at }) => Math.round(at / step) * step) : hits.map(({ at }) => at);
  return [...new Set(positions)].map((at) => (
    <i key={at} className="ev hit" style={{ left: leftPercent(at, duration) }} />
  ));
});
