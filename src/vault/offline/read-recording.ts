// A recording from the bucket alone: the facts of its envelopes with its later changes, and its comments.
import type { StreamFault } from '../../envelope/amendments/check-stream.ts';
import type { CommentAmendment, JsonObject } from '../../model/amendments/amendment.ts';
import { type EnvelopeSummary, mergeFacts } from '../../model/amendments/envelope-facts.ts';
import { foldComments } from '../../model/amendments/fold-comments.ts';
import { foldFacts } from '../../model/amendments/recording-facts.ts';
import { listStreams, type NamedStream, readStream } from '../core/amendments/stored-streams.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { OfflineSelection } from './decrypt.ts';
import { openTenantBlob } from './read-tenant.ts';
import type { TrustedKeys } from './trusted-keys.ts';

/** A comment without the members that every entry has. */
export type OfflineComment = Omit<CommentAmendment, 'v' | 'op' | 'why' | 'by'>;

/** What was known about a recording: up to the first fault of its entries where they have one. */
export type OfflineRecording = {
  readonly facts: JsonObject;
  readonly comments: readonly OfflineComment[];
  readonly entries: number;
  readonly fault: StreamFault | null;
};

/**
 * Applies the recording's entries to the facts of its envelopes. Lists the entries of all recordings of the tenant: they
 * are filed by the hour. Throws as `openTenantBlob`.
 */
export async function readRecording(
  vault: Pick<Vault, 'store' | 'keys'>,
  { place, tenant, recording }: OfflineSelection,
  summaries: readonly EnvelopeSummary[],
  trusted: TrustedKeys,
  request: RequestContext,
): Promise<OfflineRecording> {
  const { metadataKey } = await openTenantBlob(vault, place, tenant, trusted, request);
  try {
    let stream: NamedStream = { tenant, subject: recording, paths: [] };
    const scope = { place, tenant, since: null, wanted: (subject: string) => subject === recording };
    for await (const found of listStreams(vault, scope, request)) stream = found;
    const { entries, fault } = await readStream(vault, metadataKey, place, stream, null, request);
    const { facts } = foldFacts(recording, mergeFacts(null, summaries), entries);
    const comments = foldComments(entries).map(({ v: _v, op: _op, why: _why, by: _by, ...comment }) => comment);
    return { facts, comments, entries: entries.length, fault };
  } finally {
    metadataKey.zero();
  }
}
