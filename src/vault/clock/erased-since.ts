// What was erased in a wrong time: keys are deleted when an erasure begins, so it stays erased.
import type { StoredEvent } from '../../model/audit-event.ts';
import type { AuditAction } from '../../model/log/event-catalogue.ts';
import { idsOf, readLeaf } from '../../model/log/leaf.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** A recording whose erasing began at this time, and for which reason. */
export type ErasedSince = {
  readonly tenant: string;
  readonly recording: string;
  readonly at: string;
  readonly reason: string;
};

const ERASING: AuditAction = 'recording.erasing';
const PAGE = 1_000;

/** The recordings of a tenant whose erasing began after a time, newest first. Only its newest events are read. */
export async function* erasedSince(
  { db }: Pick<Vault, 'db'>,
  tenant: string,
  since: string,
  request: Pick<RequestContext, 'signal'>,
): AsyncGenerator<ErasedSince, void, undefined> {
  let before: number | null = null;
  const next = (below: number | null): Promise<StoredEvent[]> =>
    db.read(({ log }) => log.eventsBelow(tenant, below, PAGE), request);
  for (;;) {
    request.signal.throwIfAborted();
    const page = await next(before);
    for (const { leaf: bytes, seq } of page) {
      const leaf = readLeaf(bytes);
      before = seq;
      // Times go back only where a clock was put right: what is before that is another wrong time.
      if (leaf === null || leaf.ts <= since) return;
      if (leaf.action !== ERASING || leaf.outcome !== 'ok') continue;
      const reason = String(leaf.object['reason']);
      for (const recording of idsOf(leaf.object)) yield { tenant, recording, at: leaf.ts, reason };
    }
    if (page.length < PAGE) return;
  }
}
