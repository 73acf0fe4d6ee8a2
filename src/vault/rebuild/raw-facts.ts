// The columns of a recording's row, from its facts.
import { VaultError } from '../../errors.ts';
import type { Metadata } from '../../model/facts.ts';
import { clearColumnsOf, type RawFacts } from '../core/facts/raw-facts.ts';

/** What identifies the call. Throws `malformed` for facts of another version. */
export function naturalKeyIn(facts: RawFacts): Pick<Metadata, 'source' | 'callId' | 'leg'> {
  const { v, source, call_id: callId, leg } = facts;
  if (v !== 1 || typeof source !== 'string' || typeof callId !== 'string' || typeof leg !== 'string') {
    throw new VaultError('malformed', 'these are not facts of version 1');
  }
  return { source, callId, leg };
}

/** The clear columns that follow from facts; `begun` is used where the facts do not say when the call began. */
export function columnsIn(facts: RawFacts, begun: string) {
  const [duration, channels] = [facts['duration_ms'], facts['channels']];
  return {
    ...clearColumnsOf(facts, begun),
    durationMs: typeof duration === 'number' ? duration : null,
    channels: Array.isArray(channels) ? channels.length : null,
  };
}
