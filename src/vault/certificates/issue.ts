// Issues certificates of erasure: signed notes that anyone can check with the verifier key of the tenant's log.
import { sha256 } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import { logName, type Receipt, type StoredEvent } from '../../model/audit-event.ts';
import { isEraseReason } from '../../model/erasure.ts';
import { type Certificate, type CertifiedStay, writeCertificate } from '../../model/log/certificate/certificate.ts';
import { contentOf } from '../../model/log/certificate/check-certificate.ts';
import { correctedTime } from '../../model/log/corrected-time.ts';
import { idsOf, type Leaf, readLeaf } from '../../model/log/leaf.ts';
import type { Caller } from '../../model/principal.ts';
import type { Signer } from '../../ports/signer.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf, event, presentedCredential, writeEvent } from '../core/events/events.ts';
import { noteCrypto } from '../core/proofs/note-crypto.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { requireHash } from '../sealing/sealed-log.ts';
import { completedErasures } from './completed-erasures.ts';
import { findErasing } from './find-event.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'signer'>;

/** A certificate as a signed note, and the receipt of the event that says so. */
export type IssuedCertificate = { readonly note: string; readonly receipt: Receipt | undefined };

/**
 * What is certified: events of one reason, whose recordings are all erased; the recordings that stay, of the same change
 * or subject request; and what is behind it, unless the events name that.
 */
export type CertifiedErasures = {
  readonly events: readonly StoredEvent[];
  readonly stays?: readonly CertifiedStay[];
  readonly cause?: string;
};

const DAY_MS = 86_400_000;

/**
 * Issues the certificate of what one event of the caller's log began to erase: by its index, or its `evt_` id. Throws
 * `not_found` where the log has no such erasure, and as `issueCertificate`.
 */
export async function issueCertificateOf(
  vault: Deps,
  by: Caller,
  wanted: string,
  request: RequestContext,
): Promise<IssuedCertificate> {
  const log = by.tenant;
  await countEvent(vault, { tenant: log, actor: actorOf(by), action: 'log.read', object: { id: log } }, request);
  const found = await findErasing(vault, log, wanted, request);
  if (found === null) throw new VaultError('not_found', 'there is no such erasure');
  return issueCertificate(vault, by, { events: [found] }, request);
}

/**
 * Issues a certificate of several erasures of the caller's tenant, with its event. Throws `not_available` in a process that
 * does not sign, `conflict` while a recording is still being erased, and `integrity` where the log contradicts it.
 */
export async function issueCertificate(
  vault: Deps,
  by: Caller,
  { events, stays = [], cause }: CertifiedErasures,
  request: RequestContext,
): Promise<IssuedCertificate> {
  const signer = requireSigner(vault);
  const { settings, db } = vault;
  const ordered = [...events].sort((one, other) => one.seq - other.seq);
  for (const one of ordered) requireHash(one);
  const leaves = ordered.flatMap(({ leaf }) => readLeaf(leaf) ?? []);
  const [first] = leaves;
  if (first?.id === undefined) throw new VaultError('internal', 'a certificate of no event');
  const { erased, corrections, database, now } = await db.read(async (rows) => {
    const ids = leaves.flatMap(({ object }) => idsOf(object));
    return { ...(await completedErasures(rows, by.tenant, ids)), now: await rows.now() };
  }, request);
  const ends = erased.map(({ gone }) => correctedTime(gone, first.seq, corrections)).sort();
  const last = ends.at(-1) ?? now;
  const certificate: Certificate = {
    log: logName(settings.origin, by.tenant),
    ...reasonOf(first, cause),
    events: ordered.map(({ seq, leaf }) => ({ seq, leaf })),
    corrections: corrections.map(({ seq, leaf }) => ({ seq, leaf })),
    erased,
    stays: [...stays].sort((one, other) => (one.recording < other.recording ? -1 : 1)),
    database,
    backups: lastBackup(last, settings.backupDays),
    // A clock that was set back does not date a certificate before the erasure.
    issued: [now, last].sort()[1] ?? now,
  };
  // A wrong certificate must not leave the vault, whatever row it comes from.
  const [fault] = contentOf(certificate, noteCrypto).findings;
  if (fault !== undefined)
    throw new VaultError('integrity', `the log contradicts the certificate: ${fault.code} in line ${fault.line}`);
  const note = signer.sign(certificate.log, writeCertificate(certificate));
  const object = {
    ...{ id: first.id, erased: erased.length, sha256: sha256(Buffer.from(note)).toString('hex') },
    ...(certificate.cause === null ? {} : { cause: certificate.cause }),
    ...presentedCredential(by),
  };
  const issued = event(by.tenant, actorOf(by), 'certificate.issued', object, request);
  return { note, receipt: await writeEvent(vault, issued, request) };
}

function requireSigner({ signer }: Pick<Vault, 'signer'>): Signer {
  if (signer?.signs === true) return signer;
  throw new VaultError('not_available', 'this process signs no certificates: CALLVAULT_SIGNER has no private key');
}

/** The reason, and the cause: the one given, or what the event names. */
function reasonOf({ object }: Leaf, given: string | undefined): Pick<Certificate, 'reason' | 'cause'> {
  const [reason, named] = [String(object['reason']), given ?? object['cause'] ?? object['change']];
  if (!isEraseReason(reason)) throw new VaultError('integrity', 'an erasure without a reason');
  return { reason, cause: named === undefined ? null : String(named) };
}

/** The last day on which a backup from before the last erasure is kept; null where the deployment does not say. */
function lastBackup(last: string, days: number | null): string | null {
  return days === null ? null : new Date(Date.parse(last) + days * DAY_MS).toISOString().slice(0, 10);
}
