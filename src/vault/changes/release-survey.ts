// Which of the rebuilt recordings a release takes out of quarantine, and why others stay: by their rows and streams.
import { createHash } from 'node:crypto';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { effectLines, releaseEffect } from '../../model/change/effects.ts';
import {
  MAX_LISTED,
  type ReleaseBody,
  type ReleasePreview,
  reasonToStay,
  type Staying,
  type StayReason,
} from '../../model/change/release.ts';
import type { Recording } from '../../model/recording.ts';
import type { Rows } from '../../ports/database.ts';
import { readEntries } from '../core/amendments/read-entries.ts';
import { MOST_WRITTEN } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** A recording that can be released, with the number of its last change: one that follows is judged again. */
export type Releasable = { readonly recording: Recording; readonly last: number };

/** Some recordings, judged. `next` is the cursor of the rest; null at the end. */
export type JudgedPage = {
  readonly releasable: readonly Releasable[];
  readonly stays: readonly Staying[];
  readonly next: string | null;
};

/** What a release is about. */
export type ReleaseScope = {
  readonly tenant: string;
  readonly metadataKey: SecretKey;
  readonly body: Pick<ReleaseBody, 'recordings'>;
};

/** At most 200 of the recordings, after the one with id `after`. */
export function judgePage(
  vault: Pick<Vault, 'db'>,
  { tenant, metadataKey, body }: ReleaseScope,
  after: string,
  request: RequestContext,
): Promise<JudgedPage> {
  return vault.db.read(async (rows) => {
    const found =
      body.recordings === undefined
        ? await rows.recordings.rebuilt(tenant, after, MOST_WRITTEN)
        : await named(rows, tenant, body.recordings, after);
    const judged = await Promise.all(found.map((recording) => judge(rows, metadataKey, recording)));
    return {
      releasable: judged.filter((one) => 'last' in one),
      stays: judged.filter((one) => 'reason' in one),
      next: found.length < MOST_WRITTEN ? null : (found.at(-1)?.id ?? null),
    };
  }, request);
}

async function named(
  { recordings }: Rows,
  tenant: string,
  ids: readonly string[],
  after: string,
): Promise<Recording[]> {
  const found = await recordings.findMany(tenant, ids);
  return found.filter(({ id }) => id > after).sort((one, other) => (one.id < other.id ? -1 : 1));
}

async function judge(rows: Rows, metadataKey: SecretKey, recording: Recording): Promise<Releasable | Staying> {
  const { tenant, id } = recording;
  const reason = reasonToStay(recording);
  if (reason !== null) return { recording: id, reason };
  try {
    const entries = await readEntries(rows, metadataKey, { tenant, subject: id });
    return { recording, last: entries.length };
  } catch (error) {
    if (hasCode(error, 'integrity')) return { recording: id, reason: 'changes' };
    throw error;
  }
}

/**
 * Counts what a release would do, with the digest of its effects; `stays` receives each recording that stays. Throws
 * `not_found` for an unknown id.
 */
export async function previewRelease(
  vault: Pick<Vault, 'db'>,
  scope: ReleaseScope,
  request: RequestContext,
  stays: (one: Staying) => void = () => undefined,
): Promise<{ readonly preview: ReleasePreview; readonly effects: string }> {
  await requireKnown(vault, scope, request);
  const at = await vault.db.read((rows) => rows.now(), request);
  const counts: { [reason in StayReason]?: number } = {};
  const listed: Staying[] = [];
  // As `changeEffects`, without a list of up to all recordings: pages are in the order of the ids.
  const effects = createHash('sha256');
  let [released, withoutBasis] = [0, 0];
  for (let after: string | null = ''; after !== null; ) {
    request.signal.throwIfAborted();
    const page: JudgedPage = await judgePage(vault, scope, after, request);
    released += page.releasable.length;
    for (const { recording } of page.releasable)
      for (const line of effectLines(releaseEffect(recording.id))) effects.update(`${line}\n`);
    withoutBasis += page.releasable.filter(({ recording }) => recording.quarantine.includes('basis')).length;
    for (const one of page.stays) {
      counts[one.reason] = (counts[one.reason] ?? 0) + 1;
      if (listed.length < MAX_LISTED) listed.push(one);
      stays(one);
    }
    after = page.next;
  }
  const preview = { at, released, without_basis: withoutBasis, stays: counts, listed };
  return { preview, effects: effects.digest('hex') };
}

async function requireKnown(
  vault: Pick<Vault, 'db'>,
  { tenant, body: { recordings } }: ReleaseScope,
  request: RequestContext,
): Promise<void> {
  if (recordings === undefined) return;
  const found = await vault.db.read((rows) => rows.recordings.findMany(tenant, recordings), request);
  if (found.length < recordings.length) throw new VaultError('not_found', 'there is no such recording');
}
