// One line of the transcript: time, speaker, words. Text is only ever a text node.
import { Lock } from 'lucide-react';
import { type MouseEvent, memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { formatClock } from '../../i18n/format-clock.ts';
import { type LinePart, timeAt } from '../content/line-parts.ts';
import type { Hit } from '../content/search.ts';
import type { Line } from '../content/transcript.ts';
import type { Speaker } from '../session/types.ts';
import type { Sound } from '../sound/sound.ts';
import { usePosition } from '../sound/use-sound.ts';

export type LineProps = {
  readonly line: Line;
  readonly speaker: Speaker;
  readonly sound: Sound;
  readonly when: 'heard' | 'now' | 'todo';
  readonly hits: readonly Hit[];
  readonly currentHit: Hit | null;
  readonly pin: { readonly id: string; readonly number: number; readonly on: boolean } | null;
  readonly onComment: (id: string) => void;
};

export const TranscriptLine = memo(function TranscriptLine(props: LineProps) {
  const { line, speaker, sound, when, pin, onComment } = props;
  const { t } = useTranslation('player');
  const go = (event: MouseEvent<HTMLElement>): void => {
    // A text selection is not a click to seek.
    if (getSelection()?.isCollapsed === false) return;
    sound.seek(pointedTime(event, line) ?? line.start);
  };
  return (
    <>
      <button
        type="button"
        className="t"
        tabIndex={when === 'now' ? 0 : -1}
        aria-label={t('play_from', { at: formatClock(line.start) })}
        onClick={() => sound.seek(line.start)}
      >
        {formatClock(line.start)}
      </button>
      <span className={`sp ${speaker.look}`} title={speaker.name}>
        <span aria-hidden="true">{speaker.initials}</span>
        <span className="sr">{speaker.name}</span>
      </span>
      <span className="who-n" aria-hidden="true">
        {speaker.name}
      </span>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the time button serves the keyboard; this is for the pointer. */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above. */}
      <span className="x" onClick={go}>
        {when === 'now' ? <SpokenText {...props} /> : <PlainText {...props} />}
      </span>
      {pin === null ? (
        <span />
      ) : (
        <button
          type="button"
          className={`cm${pin.on ? ' on' : ''}`}
          aria-label={t('show_comment', { number: pin.number })}
          onClick={() => onComment(pin.id)}
        >
          {pin.number}
        </button>
      )}
    </>
  );
});

function PlainText({ line, hits, currentHit }: LineProps) {
  return line.parts.map((part) => <PartText key={part.from} part={part} hits={hits} currentHit={currentHit} />);
}

/** Current line, with the spoken word highlighted and the rest dimmed. */
function SpokenText({ line, sound, hits, currentHit }: LineProps) {
  const spoken = usePosition(sound, (ms) => line.parts.findLastIndex(({ start, timed }) => timed && start <= ms));
  const isBetween = usePosition(sound, (ms) => (ms > (line.parts[spoken]?.end ?? 0) ? 1 : 0));
  return line.parts.map((part, n) => {
    const text = <PartText key={part.from} part={part} hits={hits} currentHit={currentHit} />;
    if (!line.timed || n < spoken) return text;
    if (n > spoken) {
      return (
        <span key={part.from} className="later">
          {text}
        </span>
      );
    }
    return isBetween === 1 || part.redaction !== null ? (
      text
    ) : (
      <span key={part.from} className="w">
        {text}
      </span>
    );
  });
}

type PartProps = { readonly part: LinePart; readonly hits: readonly Hit[]; readonly currentHit: Hit | null };

function PartText({ part, hits, currentHit }: PartProps): ReactNode {
  const { t } = useTranslation('player');
  const found = hits.filter(({ from, to }) => from < part.to && to > part.from);
  if (part.redaction !== null) {
    return (
      <span className={`redx${found.length > 0 ? ' found' : ''}`} data-from={part.from}>
        <Lock className="i" />
        {t(`redacted.${part.redaction}`)}
      </span>
    );
  }
  if (found.length === 0) return <span data-from={part.from}>{part.text}</span>;
  return markedPieces(part, found).map(({ from, to, hit }) => {
    const text = part.text.slice(from - part.from, to - part.from);
    return hit === null ? (
      <span key={from} data-from={from}>
        {text}
      </span>
    ) : (
      <mark key={from} data-from={from} className={hit === currentHit ? 'cur' : ''}>
        {text}
      </mark>
    );
  });
}

function markedPieces(part: LinePart, found: readonly Hit[]) {
  const pieces: { readonly from: number; readonly to: number; readonly hit: Hit | null }[] = [];
  let at = part.from;
  for (const hit of found) {
    const [from, to] = [Math.max(at, hit.from), Math.min(part.to, hit.to)];
    if (from > at) pieces.push({ from: at, to: from, hit: null });
    if (to > from) pieces.push({ from, to, hit });
    at = Math.max(at, to);
  }
  return at < part.to ? [...pieces, { from: at, to: part.to, hit: null }] : pieces;
}

type Caret = { readonly offsetNode: Node; readonly offset: number };
type CaretApi = {
  readonly caretPositionFromPoint?: (x: number, y: number) => Caret | null;
  readonly caretRangeFromPoint?: (x: number, y: number) => Range | null;
};

/** Time of the letter under the pointer: that of its word, or an estimate within the line. */
function pointedTime({ clientX, clientY }: MouseEvent, line: Line): number | null {
  const page = document as unknown as CaretApi;
  const caret = page.caretPositionFromPoint?.(clientX, clientY);
  const range = caret === undefined ? page.caretRangeFromPoint?.(clientX, clientY) : null;
  const [node, offset] = [caret?.offsetNode ?? range?.startContainer, caret?.offset ?? range?.startOffset ?? 0];
  const holder = node?.parentElement?.closest<HTMLElement>('[data-from]');
  if (holder === null || holder === undefined) return null;
  return timeAt(line, Math.min(line.text.length - 1, Number(holder.dataset['from']) + offset));
}
