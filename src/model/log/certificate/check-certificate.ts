// The check of a certificate of erasure, for anyone who holds one: its signature, and that its events say what it says. Pure.
import { type Correction, correctedTime } from '../corrected-time.ts';
import type { AuditAction } from '../event-catalogue.ts';
import { belongsIn, hasItsMembers, isLeafV1 } from '../form.ts';
import { idsOf, type Leaf, leafInput, readLeaf } from '../leaf.ts';
import { type NoteCrypto, openNote, readNote, type VerifierKey } from '../note.ts';
import {
  CERTIFICATE_FORMAT,
  type Certificate,
  type CertifiedEvent,
  type FormCode,
  LINES_BEFORE_EVENTS,
  readCertificate,
} from './certificate.ts';

/**
 * What can be wrong beside the form. `leaf`: the bytes are no such event of this log and index; `reason_differs`:
 * the event has another reason or cause; `unlisted`: no event lists the recording; `no_erasure`: none of the event's
 * recordings is listed as erased; `stays_erased`: a recording is both; `time`: earlier than what it must follow, and no
 * correction of the clock says why.
 */
export type CertificateCode =
  | FormCode
  | ('signature' | 'leaf' | 'reason_differs' | 'unlisted' | 'no_erasure' | 'stays_erased' | 'time');

/** A fault, and its line in the text from 1 on; null where it is of the whole. */
export type CertificateFinding = { readonly code: CertificateCode; readonly line: number | null };

/** An event of a certificate, to be looked up in the log: its index, the hash of its leaf, and its time. */
export type CheckedEvent = { readonly seq: number; readonly hash: Uint8Array; readonly ts: string };

export type CheckedCertificate = {
  /** The log in the second line. */
  readonly log: string;
  /** Null where a trusted key did not sign it, or its text is not a certificate's. */
  readonly certificate: Certificate | null;
  /** Those whose bytes are what they must be, and the corrections. */
  readonly events: readonly CheckedEvent[];
  readonly findings: readonly CertificateFinding[];
};

/** The log that a certificate is about, by its second line; null where the text is no note of a certificate. */
export function logOfCertificate(note: string): string | null {
  const [format, log = ''] = readNote(note)?.text.split('\n') ?? [];
  return format === CERTIFICATE_FORMAT ? log : null;
}

/** Checks a certificate against keys that its reader trusts. Only those under the name of its log count. */
export function checkCertificate(note: string, keys: readonly VerifierKey[], crypto: NoteCrypto): CheckedCertificate {
  const log = logOfCertificate(note) ?? '';
  const trusted = keys.filter(({ name }) => name === log);
  const text = openNote(note, trusted, crypto);
  const nothing = { log, certificate: null, events: [] };
  if (text === null) return { ...nothing, findings: [{ code: 'signature', line: null }] };
  const { certificate, fault } = readCertificate(text);
  if (certificate === null) return { ...nothing, findings: [fault] };
  return { log, certificate, ...contentOf(certificate, crypto) };
}

/** Contradictions between the lines of a certificate, whether or not anyone signed it. */
export function contentOf(
  certificate: Certificate,
  { sha256 }: Pick<NoteCrypto, 'sha256'>,
): Pick<CheckedCertificate, 'events' | 'findings'> {
  const findings: CertificateFinding[] = [];
  const { log } = certificate;
  const found = certificate.events.map((event) => ({ ...event, said: eventOf(log, event, 'recording.erasing') }));
  const listedIn = new Map<string, Leaf>();
  for (const { said } of found) if (said !== null) for (const id of idsOf(said.object)) listedIn.set(id, said);
  const erased = new Set(certificate.erased.map(({ recording }) => recording));
  for (const [n, { said }] of found.entries()) {
    const line = LINES_BEFORE_EVENTS + 1 + n;
    if (said === null) findings.push({ code: 'leaf', line });
    else {
      if (!hasReason(certificate, said)) findings.push({ code: 'reason_differs', line });
      if (!idsOf(said.object).some((id) => erased.has(id))) findings.push({ code: 'no_erasure', line });
    }
  }
  const corrections = certificate.corrections.flatMap((event, n) => {
    const said = eventOf(log, event, 'clock.corrected');
    if (said !== null && log.endsWith(`/${said.object.id}`)) return [{ ...event, said, ts: said.ts }];
    findings.push({ code: 'leaf', line: LINES_BEFORE_EVENTS + found.length + 1 + n });
    return [];
  });
  findings.push(...contradictions(certificate, listedIn, corrections));
  const events = [...found, ...corrections].flatMap(({ seq, leaf, said }) =>
    said === null ? [] : [{ seq, hash: sha256(leafInput(leaf)), ts: said.ts }],
  );
  return { events, findings };
}

/** The event, if its bytes are one of this action that this log can have at this index. */
function eventOf(log: string, { seq, leaf }: CertifiedEvent, action: AuditAction): Leaf | null {
  const said = readLeaf(leaf);
  if (said === null || !isLeafV1(leaf, said) || said.action !== action || said.outcome !== 'ok') return null;
  return said.log === log && said.seq === seq && belongsIn(log, said) && hasItsMembers(said) ? said : null;
}

/** A subject request is behind a change, which the event names: who signed the certificate says which. */
function hasReason({ reason, cause }: Certificate, { object }: Leaf): boolean {
  const named = object['cause'] ?? object['change'] ?? null;
  return object['reason'] === reason && (cause === named || (cause?.startsWith('sub_') ?? false));
}

/** Of what no event alone shows: recordings that none lists, those erased and kept, times. */
function* contradictions(
  { events, corrections: lines, erased, stays, backups, issued }: Certificate,
  listedIn: ReadonlyMap<string, Leaf>,
  corrections: readonly Correction[],
): Generator<CertificateFinding> {
  const ids = new Set(erased.map(({ recording }) => recording));
  const first = LINES_BEFORE_EVENTS + events.length + lines.length + 1;
  let last = '';
  for (const [n, { recording, destroyed, gone }] of erased.entries()) {
    const began = listedIn.get(recording);
    const right = (time: string): string => correctedTime(time, began?.seq ?? 0, corrections);
    const order = [began?.ts ?? '', destroyed, gone, issued];
    if (began === undefined) yield { code: 'unlisted', line: first + n };
    else if (order.some((time, at) => at > 0 && time < right(order[at - 1] ?? '')))
      yield { code: 'time', line: first + n };
    if (right(gone) > last) last = right(gone);
  }
  for (const [n, { recording }] of stays.entries())
    if (ids.has(recording)) yield { code: 'stays_erased', line: first + erased.length + n };
  if (backups !== null && backups < last.slice(0, 10))
    yield { code: 'time', line: first + erased.length + stays.length + 1 };
}
