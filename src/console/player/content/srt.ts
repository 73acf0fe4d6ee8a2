// SRT (SubRip) parser. No standard defines the format: it reads what recognizers and editors write, as players do.
import { type Cue, foldText, namedVoice, toMs } from './cues.ts';

const TIMING =
  /^\s*(-?)((?:\d+:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?)[ \t]*-->[ \t]*(-?)((?:\d+:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?)/;
const NUMBER = /^-?\d+\s*$/;
/** Tags that editors write. Any other `<` is text. */
const TAGS = /<\/?(?:b|i|u|s|font)(?:\s[^<>]*)?>/gi;
/** Overrides of SubStation Alpha, and its line breaks and hard spaces. */
const OVERRIDES = /\{\\[^{}]*\}/g;
const ESCAPED_SPACES = /\\[Nnh]/g;
/** A speaker before a colon, as recognizers write it. Any other word before a colon is text. */
const SPEAKER =
  /^\s*((?:agent|advisor|staff|operator|坐席|客服|座席|customer|caller|client|客户|来电|顾客|用户|speaker|说话人)[ _-]?\d{0,3})[ \t]*[:：]/i;

/** Cues of a file; null without one. */
export function readSrt(file: string): Cue[] | null {
  const cues: { start: number; end: number; rows: string[] }[] = [];
  for (const row of file.replace(/\r\n?/g, '\n').split('\n')) {
    const found = TIMING.exec(row);
    if (found === null) {
      cues.at(-1)?.rows.push(row);
      continue;
    }
    dropNumber(cues.at(-1)?.rows ?? []);
    // A time before the call is its start.
    const start = found[1] === '-' ? 0 : toMs(found[2] ?? '');
    const end = found[3] === '-' ? 0 : toMs(found[4] ?? '');
    cues.push({ start, end: Math.max(start, end), rows: [] });
  }
  if (cues.length === 0) return null;
  const voices = new Map<string, number>();
  return cues.map(({ rows, ...span }) => {
    const text = plainText(rows.join('\n'));
    const speaker = SPEAKER.exec(text);
    const voice = namedVoice(speaker?.[1]?.trim().toLowerCase(), voices);
    return { ...span, ...voice, text: text.slice(speaker?.[0].length ?? 0).trim(), words: [] };
  });
}

/**
 * Removes the next cue's number from the end of a cue. Blank lines may lie between cue, number and times, and no blank
 * line is needed before a number. A cue that says only a number keeps it where a blank line ends the cue.
 */
function dropNumber(rows: string[]): void {
  let last = rows.length;
  while (last > 0 && rows[last - 1]?.trim() === '') last -= 1;
  if (!NUMBER.test(rows[last - 1] ?? '')) return;
  if (last === rows.length || rows[last - 2]?.trim() === '') rows.length = last - 1;
}

function plainText(text: string): string {
  return foldText(text.replace(OVERRIDES, '').replace(ESCAPED_SPACES, ' ').replace(TAGS, ''));
}
