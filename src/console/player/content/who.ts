// Who says the lines: agent and customer where a role or a channel says so, else speakers by number, or none that is known.
import type { Voice } from './cues.ts';

/** A number counts speakers from 1 in the order in which they first speak, or the channels of the audio. */
export type Who = 'agent' | 'customer' | 'others' | 'unknown' | number;

/** The speakers of a recording's lines. `channels`: of its audio; null where that is not known. */
export function whoSays(lines: readonly Voice[], channels: number | null): (line: Voice) => Who {
  const named = new Set(lines.filter(({ by }) => by === 'channel').map(({ channel }) => channel));
  // Of two channels the first is the agent's. A mixed channel is that of no one.
  const isSplit = channels === 2 || (channels === null && named.size > 1);
  return ({ channel, by }) => {
    if (by === 'none' || (by === 'channel' && !isSplit && named.size < 2)) return 'unknown';
    if (by === 'role' || (by === 'channel' && isSplit)) return (['agent', 'customer'] as const)[channel] ?? channel + 1;
    return channel + 1;
  };
}

/** Who speaks in each of the two voices of the marks: the first speaker, and all others; null where no one is known. */
export function whoInVoices(lines: readonly Voice[], who: (line: Voice) => Who): readonly [Who, Who] | null {
  const speakers = new Set(lines.map(who));
  if (speakers.has('agent') || speakers.has('customer')) return ['agent', 'customer'];
  if (speakers.size === 0 || speakers.has('unknown')) return null;
  const others = [...speakers].filter((one) => one !== 1);
  return [1, others.length > 1 ? 'others' : (others[0] ?? 2)];
}
