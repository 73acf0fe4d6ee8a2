// A recording's facts and columns, from its envelopes.
import type { Json } from '../../bytes/canonical-json.ts';
import { VaultError } from '../../errors.ts';
import { type Metadata, withoutUndefined } from '../../model/facts.ts';

export type RawFacts = Readonly<Record<string, Json>>;

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

/** The metadata that identifies and indexes the call. Throws `malformed` for facts of another version. */
export function metadataIn(facts: RawFacts): Metadata {
  const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined);
  const [source, callId, leg] = [text(facts['source']), text(facts['call_id']), text(facts['leg'])];
  if (facts['v'] !== 1 || source === undefined || callId === undefined || leg === undefined) {
    throw new VaultError('malformed', 'these are not facts of version 1');
  }
  const numbers = membersOf(facts['numbers']);
  const rest = withoutUndefined({
    from: text(numbers['from']),
    to: text(numbers['to']),
    agent: text(facts['agent']),
    queue: text(facts['queue']),
    ticket: text(facts['ticket']),
  });
  return { source, callId, leg, ...rest };
}

/** The clear columns that follow from facts; `begun` is used where the facts do not say when the call began. */
export function columnsIn(facts: RawFacts, begun: string) {
  const text = (name: string): string | null => {
    const value = facts[name];
    return typeof value === 'string' ? value : null;
  };
  const [duration, channels] = [facts['duration_ms'], facts['channels']];
  return {
    startedAt: text('started_at') ?? begun,
    durationMs: typeof duration === 'number' ? duration : null,
    direction: text('direction'),
    channels: Array.isArray(channels) ? channels.length : null,
    language: text('language'),
    sensitivity: text('sensitivity') ?? 'normal',
    retainUntil: text('retain_until'),
  };
}

/** Whether the call has no legal basis. */
export function lacksBasis(facts: RawFacts): boolean {
  return membersOf(facts['basis'])['kind'] === 'none';
}

function membersOf(value: Json | undefined): RawFacts {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as RawFacts) : {};
}
