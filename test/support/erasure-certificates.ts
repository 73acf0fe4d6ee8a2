// Certificates of erasure for tests: events, contents and signatures of made-up erasures.
import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { newId } from '../../src/bytes/ids.ts';
import { leafBytes, type NewEvent } from '../../src/model/audit-event.ts';
import {
  type Certificate,
  type CertifiedEvent,
  DATABASE_STATES,
  writeCertificate,
} from '../../src/model/log/certificate/certificate.ts';
import { namedKey, type VerifierKey, writeNote } from '../../src/model/log/note.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';

const ORIGIN = 'vault.example';
export const TENANT = newId('ten');
export const LOG_OF_TENANT = `${ORIGIN}/${TENANT}`;

/** The bytes of an event of the tenant's log. */
export function leafOf(made: NewEvent, seq: number, ts: string): CertifiedEvent {
  return { seq, leaf: new Uint8Array(leafBytes(made, { origin: ORIGIN, seq, ts, node: 'node-1' })) };
}

/** A `recording.erasing` of some recordings. */
export function erasingEvent(
  seq: number,
  recordings: readonly string[],
  {
    ts = '2026-03-01T10:00:00.000Z',
    cause,
    tenant = TENANT,
    reason = 'retention',
  }: {
    readonly ts?: string;
    readonly cause?: string;
    readonly tenant?: string;
    readonly reason?: 'retention' | 'request';
  } = {},
): CertifiedEvent {
  const what = { type: 'tenant', id: tenant, recordings: recordings.join(','), reason } as const;
  const made = event(
    tenant,
    operatorActor('op-1'),
    'recording.erasing',
    cause === undefined ? what : { ...what, cause },
    {},
  );
  return leafOf(made, seq, ts);
}

/** The `clock.corrected` that puts the clock of a log right. */
export function correctionEvent(seq: number, to: string, tenant = TENANT): CertifiedEvent {
  const what = { id: tenant, from: '2032-03-01T11:00:00.000Z', to, alone: 1 } as const;
  return leafOf(event(tenant, operatorActor('op-1'), 'clock.corrected', what, {}), seq, to);
}

/** A certificate of two recordings under one event of a version of the rules; `change` replaces members. */
export function someCertificate(change: Partial<Certificate> = {}): Certificate & { readonly ids: readonly string[] } {
  const ids = [newId('rec'), newId('rec')].sort();
  const cause = newId('ret');
  return {
    ids,
    log: LOG_OF_TENANT,
    reason: 'retention',
    cause,
    events: [erasingEvent(7, ids, { cause })],
    corrections: [],
    erased: ids.map((recording) => ({
      recording,
      began: '2025-12-01T09:00:00.000Z',
      destroyed: '2026-03-01T10:00:00.000Z',
      gone: '2026-03-01T10:03:10.500Z',
    })),
    stays: [],
    database: 'overwritten',
    backups: '2026-04-05',
    issued: '2026-03-01T11:00:00.000Z',
    ...change,
  };
}

/** A key pair under the log's name, and notes that it signs. */
export function signingUnder(name = LOG_OF_TENANT): {
  readonly key: VerifierKey;
  readonly sign: (text: string) => string;
} {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = namedKey(name, publicKey.export({ format: 'der', type: 'spki' }).subarray(-32), noteCrypto.sha256);
  const signed = (text: string) => ({ ...key, signature: new Uint8Array(sign(null, Buffer.from(text), privateKey)) });
  return { key, sign: (text) => writeNote({ text, signatures: [signed(text)] }) };
}

/** Signs a certificate's text. */
export function noteOf(certificate: Certificate, by: Pick<ReturnType<typeof signingUnder>, 'sign'>): string {
  return by.sign(writeCertificate(certificate));
}

const CROCKFORD = [...'0123456789abcdefghjkmnpqrstvwxyz'];
const anyId = (kind: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...'01234567'), fc.array(fc.constantFrom(...CROCKFORD), { minLength: 25, maxLength: 25 }))
    .map(([first, rest]) => `${kind}_${first}${rest.join('')}`);
const anyTime = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const anyRule = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,63}$/);
const ascending = <T>(one: fc.Arbitrary<T>, keyOf: (value: T) => string, minLength: number) =>
  fc
    .uniqueArray(one, { selector: keyOf, minLength, maxLength: 6 })
    .map((all) => all.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)));

const someEvents = (minLength: number) =>
  ascending(
    fc.record({ seq: fc.nat(), leaf: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
    ({ seq }) => String(seq).padStart(15, '0'),
    minLength,
  );

/** Any certificate of the form, whatever its events say. */
export const anyCertificate: fc.Arbitrary<Certificate> = fc.record({
  log: anyId('ten').map((id) => `${ORIGIN}/${id}`),
  reason: fc.constantFrom('request', 'retention', 'court-order', 'error'),
  cause: fc.option(fc.oneof(anyId('sub'), anyId('ret'), anyId('chg'))),
  events: someEvents(1),
  corrections: someEvents(0),
  erased: ascending(
    fc.record({ recording: anyId('rec'), began: anyTime, destroyed: anyTime, gone: anyTime }),
    ({ recording }) => recording,
    1,
  ),
  stays: ascending(
    fc.oneof(
      fc.record({ recording: anyId('rec'), held: fc.constant(true as const) }),
      fc.record({ recording: anyId('rec'), held: fc.constant(false as const), until: anyTime, rule: anyRule }),
    ),
    ({ recording }) => recording,
    0,
  ),
  database: fc.constantFrom(...DATABASE_STATES),
  backups: fc.option(anyTime.map((time) => time.slice(0, 10))),
  issued: anyTime,
});
