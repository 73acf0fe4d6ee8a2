// Rows of one call: recording, blind indexes, deposit, objects, wrapped key, events.
import { canonicalBytes } from '../../../src/bytes/canonical-json.ts';
import { normalText } from '../../../src/bytes/normal-text.ts';
import { blindIndex, type IndexLabel, naturalKey, phoneLast4 } from '../../../src/envelope/blind-index.ts';
import { sealColumn } from '../../../src/envelope/column.ts';
import { sealedObjectSize } from '../../../src/envelope/sizes.ts';
import { type Actor, leafBytes, leafHash, type Subject } from '../../../src/model/audit-event.ts';
import type { AuditAction } from '../../../src/model/log/event-catalogue.ts';
import { withDetail } from '../../../src/vault/core/events/events.ts';
import { drawCall, type SeedCast, type SeededCall } from './cast.ts';
import type { Random } from './random.ts';
import type { Batch, Row } from './tables.ts';

/** Appends an event to the log that is being seeded. */
export type AppendEvent = (
  at: number,
  actor: Actor,
  action: AuditAction,
  object: Subject,
  detail?: Readonly<Record<string, string>>,
) => void;

/** A log that grows in the batch: indexes are contiguous, times never go back. */
export function logWriter({ tenant, identity, metadataKey }: SeedCast, random: Random, first: number) {
  const log = tenant.tenant;
  let [seq, last] = [first, 0];
  const append = (batch: Batch, ...[at, actor, action, object, detail]: Parameters<AppendEvent>): void => {
    last = Math.max(last, at);
    const id = random.id('evt', last);
    const made = { log, id, actor, action, object };
    const sealed = detail === undefined ? undefined : withDetail(made as never, metadataKey, detail as never).detail;
    const position = { ...identity, seq, ts: time(last) };
    const leaf = leafBytes(sealed === undefined ? made : { ...made, detail: sealed }, position);
    if (sealed !== undefined) batch.audit_detail.push([log, seq, sealed.salt, sealed.sealed, null]);
    batch.audit_event.push([log, seq, id, leaf, leafHash(leaf)]);
    const recording = object['recording'] ?? null;
    if (typeof recording === 'string') batch.audit_subject.push([log, recording, seq]);
    seq++;
  };
  return { append, size: () => seq };
}

export function time(at: number): string {
  return new Date(at).toISOString();
}

/** Blind indexes of values that many calls share. */
const cached = new Map<string, Buffer>();

export function cachedIndex({ metadataKey, tenant }: SeedCast, label: IndexLabel, value: string): Buffer {
  const name = `${tenant.tenant} ${label} ${value}`;
  const known = cached.get(name);
  if (known !== undefined) return known;
  const made = blindIndex(metadataKey, label, value);
  cached.set(name, made);
  return made;
}

export type SeededState = 'AVAILABLE' | 'EXPECTED' | 'ERASED';

/** A call whose rows are in the batch. */
export type SeededRecording = {
  readonly id: string;
  readonly call: SeededCall;
  readonly state: SeededState;
};

/** Platforms that the calls come from. */
const SOURCES = ['pbx', 'pbx-2', 'pbx-3', 'branch', 'cloud'] as const;

/** Adds the rows of the call at this place among all. */
export function addRecording(cast: SeedCast, n: number, random: Random, batch: Batch, append: AppendEvent) {
  const { metadataKey, uploader } = cast;
  const tenant = cast.tenant.tenant;
  const call = drawCall(cast, n, random);
  const id = random.id('rec', call.stored);
  const chance = random.next();
  const state: SeededState = chance < 0.001 ? 'EXPECTED' : chance < 0.021 ? 'ERASED' : 'AVAILABLE';
  const described = chance < 0.0005 || chance > 0.9 ? 1 : 0;
  const isQuarantined = state === 'AVAILABLE' && random.next() < 0.01;
  const callId = `call-${n}`;
  const source = SOURCES[n % SOURCES.length] ?? '';
  const facts = {
    v: 1,
    source,
    call_id: callId,
    leg: '0',
    started_at: time(call.startedAt),
    ...(call.durationMs === null ? {} : { duration_ms: call.durationMs }),
    ...(call.direction === null ? {} : { direction: call.direction }),
    numbers: call.numbers,
    agent: call.agent,
    queue: call.queue,
    ...(call.ticket === null ? {} : { ticket: call.ticket }),
    language: call.language,
    basis: isQuarantined ? { kind: 'none' } : { kind: 'consent', at: time(call.startedAt) },
  };
  const place = { tenant, row: id, column: 'facts' };
  batch.recording.push([
    ...[tenant, id, state, 2, time(call.stored), uploader, described],
    blindIndex(metadataKey, 'natural', naturalKey(source, callId, '0')),
    ...[time(call.startedAt), call.durationMs, call.direction, 2, call.language, 'normal', null],
    state === 'ERASED' ? null : cachedIndex(cast, 'queue', normalText(call.queue)),
    isQuarantined ? 'basis' : '',
    state === 'ERASED' ? null : sealColumn(metadataKey, place, canonicalBytes(facts)),
    ...(state === 'ERASED' ? [null, null, null, null, '', null, null, null] : listingOf(source, call, n, state)),
  ]);
  const actor = { type: 'service', id: uploader, auth: 'api-key' } as const;
  append(call.stored, actor, 'recording.created', { type: 'recording', id, recording: id });
  if (state !== 'ERASED') addIndexes(cast, id, call, batch);
  if (state === 'AVAILABLE') addDeposit(cast, id, call, random, batch, append);
  return { id, call, state } satisfies SeededRecording;
}

/** What a list says of ten in eleven calls: some differ, or are shorter than it says. Those without audio were reported. */
function listingOf(source: string, call: SeededCall, n: number, state: SeededState): Row {
  const delay = state === 'AVAILABLE' ? Math.floor((call.stored - call.startedAt) / 1000) : null;
  if (n % 11 === 0) return [source, null, null, null, '', null, null, delay];
  const expectedMs = (call.durationMs ?? 60_000) + (n % 97 === 1 ? 60_000 : 0);
  const due = call.startedAt + expectedMs + 3_600_000;
  const missing = state === 'EXPECTED' ? time(due + 60_000) : null;
  return [
    'pbx',
    time(call.stored),
    expectedMs,
    Buffer.alloc(0),
    n % 89 === 1 ? 'agent' : '',
    time(due),
    missing,
    delay,
  ];
}

function addIndexes(cast: SeedCast, recording: string, call: SeededCall, batch: Batch): void {
  const tenant = cast.tenant.tenant;
  const startedAt = time(call.startedAt);
  const found = new Set<string>();
  const add = (label: IndexLabel, value: string, index: Buffer): void => {
    const name = `${label} ${value}`;
    if (found.has(name)) return;
    found.add(name);
    batch.blind_index.push([tenant, recording, label, index, startedAt]);
  };
  for (const number of [call.numbers.from, call.numbers.to]) {
    add('phone', number, blindIndex(cast.metadataKey, 'phone', number));
    const last4 = phoneLast4(number) ?? '';
    add('phone-last4', last4, cachedIndex(cast, 'phone-last4', last4));
  }
  add('agent', call.agent, cachedIndex(cast, 'agent', normalText(call.agent)));
  add('queue', call.queue, cachedIndex(cast, 'queue', normalText(call.queue)));
  if (call.ticket !== null) add('ticket', call.ticket, blindIndex(cast.metadataKey, 'ticket', normalText(call.ticket)));
}

/** One deposit; one in five calls has a second object. */
function addDeposit(
  { tenant: row, uploader }: SeedCast,
  recording: string,
  call: SeededCall,
  random: Random,
  batch: Batch,
  append: AppendEvent,
): void {
  const tenant = row.tenant;
  const actor = { type: 'service', id: uploader, auth: 'api-key' } as const;
  const stored = time(call.stored);
  for (const object of random.next() < 0.2 ? ['audio', 'transcript'] : ['audio']) {
    const id = random.id('dep', call.stored);
    const [size, parts] = [8 * (call.durationMs ?? 60_000), 1];
    batch.deposit.push([
      ...[tenant, id, 'AVAILABLE', 3, stored, recording, object, id.slice(4), uploader, null, null, null, null],
      ...[random.bytes(108), stored],
    ]);
    for (const name of object === 'audio' ? ['audio', 'peaks'] : [object]) {
      const columns = [tenant, random.id('obj', call.stored), id, name, 'audio/wav', size, sealedObjectSize(size)];
      batch.object.push([...columns, parts, random.bytes(32)]);
    }
    batch.part.push([tenant, id, 1, sealedObjectSize(size), '', random.bytes(56)]);
    const key = row.key ?? { scheme: 'keyring', id: '' };
    batch.wrapped_key.push([tenant, id, key.scheme, key.id, row.wrap, random.bytes(104), row.wrap]);
    append(call.stored, actor, 'deposit.started', { type: 'deposit', id, recording, object });
    append(call.stored, actor, 'deposit.available', { type: 'deposit', id, recording, object });
  }
}
