// The facts of a recording as its envelopes leave them: the base of its stream.
import type { Json } from '../../bytes/canonical-json.ts';
import type { JsonObject } from './amendment.ts';

/** An envelope's summary: when its deposit was made, of which object, and the facts at that time. */
export type EnvelopeSummary = {
  readonly created: string;
  readonly deposit: string;
  readonly object: string;
  readonly facts: JsonObject;
};

/** Facts that come from the audio. */
const MEASURED = ['duration_ms', 'channels'] as const;

/**
 * Merges the facts of a recording's envelopes. A call can be described again before its audio arrives, so the latest
 * envelope's facts count; duration and channels come from the audio, digests from all. Facts of an existing row stay
 * unchanged.
 */
export function mergeFacts(row: JsonObject | null, summaries: readonly EnvelopeSummary[]): JsonObject {
  const inOrder = [...summaries].sort((one, other) =>
    one.created === other.created ? compare(one.deposit, other.deposit) : compare(one.created, other.created),
  );
  const base = row ?? inOrder.at(-1)?.facts ?? {};
  const audio = inOrder.findLast(({ object }) => object === 'audio')?.facts ?? {};
  const measured = MEASURED.filter((name) => audio[name] !== undefined).map((name) => [name, audio[name]]);
  const digests = [...inOrder.map(({ facts }) => facts), row ?? {}].map(
    (facts) => facts['sha256'] as object | undefined,
  );
  return { ...base, ...(Object.fromEntries(measured) as JsonObject), sha256: Object.assign({}, ...digests) as Json };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
