// The report of a re-wrap: what it did and what is left, signed, with its hash in an event of the log.
import { canonicalBytes, parseCanonicalObject } from '../../../bytes/canonical-json.ts';
import { sha256 } from '../../../bytes/digest.ts';
import { VaultError } from '../../../errors.ts';
import type { Actor, Receipt } from '../../../model/audit-event.ts';
import { openNote, readVerifierKey } from '../../../model/log/note.ts';
import type { Signer } from '../../../ports/signer.ts';
import { event, writeEvent } from '../../core/events/events.ts';
import { noteCrypto } from '../../core/proofs/note-crypto.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import type { Census } from '../census.ts';
import type { RewrapResult } from './rewrap.ts';

const TITLE = 'callvault re-wrap report v1\n';

/** The report's content, as canonical JSON: opaque ids, counts and times. */
export function toReport(origin: string, done: RewrapResult): Record<string, unknown> {
  const { tenant, before, after, sample, backlog: left } = done;
  return {
    v: 1,
    origin,
    tenant: tenant.tenant,
    run: done.run,
    started: done.started,
    ended: done.ended,
    generation: tenant.wrap,
    key: { scheme: tenant.key?.scheme ?? null, id: tenant.key?.id ?? null },
    before: linesOf(before),
    after: linesOf(after),
    keys: done.keys,
    others: done.others,
    refused: done.refused.length,
    lent: done.lent,
    metadata_key: done.metadataKey,
    tenant_blob: done.tenantBlob,
    ingest_keys: done.ingestKeys.opened.size,
    damaged_ingest_keys: done.damagedIngestKeys.length,
    envelopes: done.envelopes,
    without_envelope: done.withoutEnvelope,
    sample: { taken: sample.taken, opened: sample.opened, failed: sample.failed },
    left: {
      data_keys: left.dataKeys,
      under_way: left.underway,
      envelopes: left.envelopes,
      metadata_key: left.metadataKey,
      tenant_blob: left.tenantBlob,
      ingest_keys: left.ingestKeys,
      ingest_blobs: left.ingestBlobs,
    },
    complete: done.complete,
  };
}

function linesOf({ lines }: Census): readonly object[] {
  return lines.map(({ scheme, keyId, wrap, state, keys, envelopesBehind }) => {
    return { scheme, key: keyId, wrap, state, keys, envelopes_behind: envelopesBehind };
  });
}

/**
 * Signs the report. Its event in the tenant's log carries the SHA-256 of the note's text: it cannot be changed later.
 */
export async function signReport(
  vault: Pick<Vault, 'db' | 'settings'>,
  signer: Signer,
  by: Actor,
  done: RewrapResult,
  request: RequestContext,
): Promise<{ readonly note: string; readonly receipt: Receipt | undefined }> {
  const text = `${TITLE}${canonicalBytes(toReport(vault.settings.origin, done)).toString()}\n`;
  const { tenant, run, keys, complete } = done;
  const counts = { run, wrap: tenant.wrap, count: keys, complete: complete ? 1 : 0 };
  const object = { id: tenant.tenant, ...counts, report: sha256(text).toString('hex') };
  const receipt = await writeEvent(vault, event(tenant.tenant, by, 'key.reported', object, request), request);
  return { note: signer.sign(vault.settings.origin, text), receipt };
}

/**
 * The content of a signed report. Throws `integrity` where the key did not sign it, and `malformed` for another kind of
 * note.
 */
export function openReport(note: string, verifier: string): { readonly report: object; readonly sha256: string } {
  const key = readVerifierKey(verifier, noteCrypto.sha256);
  if (key === null) throw new VaultError('malformed', 'this is not an Ed25519 verifier key');
  const text = openNote(note, [key], noteCrypto);
  if (text === null) throw new VaultError('integrity', 'no signature of the report verifies with this key');
  if (!text.startsWith(TITLE)) throw new VaultError('malformed', 'this is not a report of a re-wrap');
  return {
    report: parseCanonicalObject(Buffer.from(text.slice(TITLE.length, -1))),
    sha256: sha256(text).toString('hex'),
  };
}
