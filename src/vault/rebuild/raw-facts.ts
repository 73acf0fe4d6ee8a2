// A recording's facts and columns, from its envelopes.
import type { Json } from '../../bytes/canonical-json.ts';
import { VaultError } from '../../errors.ts';
import { type Metadata, withoutUndefined } from '../../model/facts.ts';
import { clearColumnsOf, type RawFacts } from '../core/facts/raw-facts.ts';

/** An envelope's summary: when its deposit was made, of which object, and the facts at that time. */
export type EnvelopeSummary = {
  readonly created: string;
  readonly deposit: string;
  readonly object: string;
  readonly facts: RawFacts;
};

/**
 * Merges the facts of a recording's envelopes. A call can be described again before its audio arrives, so the latest
 * envelope's facts count; duration and channels come from the audio, digests from all. Facts of an existing row stay
 * unchanged.
 */
export function mergeFacts(row: RawFacts | null, summaries: readonly EnvelopeSummary[]): RawFacts {
  const inOrder = [...summaries].sort((one, other) =>
    one.created === other.created ? compare(one.deposit, other.deposit) : compare(one.created, other.created),
  );
  const base = row ?? inOrder.at(-1)?.facts ?? {};
  const audio = inOrder.findLast(({ object }) => object === 'audio')?.facts ?? {};
  const measured = withoutUndefined({ duration_ms: audio['duration_ms'], channels: audio['channels'] });
  const digests = [...inOrder.map(({ facts }) => facts), row ?? {}].map(
    (facts) => facts['sha256'] as object | undefined,
  );
  return { ...base, ...measured, sha256: Object.assign({}, ...digests) as Json };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

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
