// The check of amendment entries: each blob against its row, each row against the one before it, and what they say against
// the rows that say it too, stream by stream.
import { type AmendmentFault, type CheckedEntry, openEntry } from '../../envelope/amendments/check-stream.ts';
import type { Tail } from '../../envelope/amendments/entry.ts';
import { entryPath, parseEntryPath, type StreamId } from '../../envelope/amendments/entry-name.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type { Amendment } from '../../model/amendments/amendment.ts';
import { readAmendment } from '../../model/amendments/read-amendment.ts';
import { isErased } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import type { AmendmentRow } from '../../ports/rows/amendment-rows.ts';
import { listStreams, type NamedStream, readStream } from '../core/amendments/stored-streams.ts';
import { type DigestedRow, readStreamRows } from '../core/amendments/stream-rows.ts';
import { inParallel } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { differenceOf, isSameState, readState, type StreamState } from './check-state.ts';
import type { Finding } from './finding.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'metadataKeys'>;

const BATCH = 100;
const AT_ONCE = 8;
const LOOKS = 3;

/**
 * Reports the first fault of each stream. `guard` runs the check of one stream, and counts it where the store does not
 * answer. Throws the errors of listing, and the database's.
 */
export async function checkAmendments(
  vault: Deps,
  tenant: Tenant,
  guard: (work: () => Promise<void>) => Promise<void>,
  report: (findings: readonly Finding[]) => Promise<void>,
  request: RequestContext,
): Promise<void> {
  let batch: NamedStream[] = [];
  const flush = async (): Promise<void> => {
    request.signal.throwIfAborted();
    await inParallel(batch, AT_ONCE, (stream) =>
      guard(async () => {
        const finding = await checkOne(vault, tenant, stream, request);
        if (finding !== null) await report([finding]);
      }),
    );
    batch = [];
  };
  for await (const stream of allStreams(vault, tenant, request)) {
    batch.push(stream);
    if (batch.length === BATCH) await flush();
  }
  await flush();
}

/** The streams of the store, and those that have rows alone. Both are in order of their subjects within each kind. */
async function* allStreams(
  vault: Deps,
  tenant: Tenant,
  request: RequestContext,
): AsyncGenerator<NamedStream, void, undefined> {
  const scope = { place: locationOf(tenant), tenant: tenant.tenant, since: null, wanted: () => true };
  const rowsAlone = (subject: string): NamedStream => ({ tenant: tenant.tenant, subject, paths: [] });
  const known = new Map<string, AsyncGenerator<string, void, undefined>>();
  const next = new Map<string, string | null>();
  const advance = async (kind: string): Promise<void> => {
    const { done, value } = await (known.get(kind) as AsyncGenerator<string, void, undefined>).next();
    next.set(kind, done === true ? null : value);
  };
  for (const kind of ['ten_', 'hld_', 'rec_']) {
    known.set(kind, subjectsOf(vault, tenant.tenant, kind, request));
    await advance(kind);
  }
  for await (const stream of listStreams(vault, scope, request)) {
    const kind = stream.subject.slice(0, 4);
    for (let subject = next.get(kind); typeof subject === 'string' && subject < stream.subject; ) {
      yield rowsAlone(subject);
      await advance(kind);
      subject = next.get(kind);
    }
    if (next.get(kind) === stream.subject) await advance(kind);
    yield stream;
  }
  for (const kind of known.keys()) {
    for (let subject = next.get(kind); typeof subject === 'string'; subject = next.get(kind)) {
      yield rowsAlone(subject);
      await advance(kind);
    }
  }
}

/** The subjects of this kind that have rows, in order. */
async function* subjectsOf(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  kind: string,
  request: RequestContext,
): AsyncGenerator<string, void, undefined> {
  for (let after = kind; ; ) {
    const from = after;
    const page = await vault.db.read((rows) => rows.amendments.subjects(tenant, from, BATCH), request);
    const mine = page.filter((subject) => subject.startsWith(kind));
    yield* mine;
    const last = page.at(-1);
    if (last === undefined || mine.length < page.length) return;
    after = last;
  }
}

/** A stream's rows, and those that it changes; `gone` where the recording is erased. */
type Known = {
  readonly rows: readonly DigestedRow[];
  readonly state: StreamState | null;
  readonly gone: 'ERASING' | 'ERASED' | null;
};

/** The finding of a stream, or null. Repeated where a concurrent update changed its rows meanwhile. */
async function checkOne(
  vault: Deps,
  tenant: Tenant,
  stream: NamedStream,
  request: RequestContext,
): Promise<Finding | null> {
  const look = () => vault.db.read((rows) => readKnown(rows, stream), request);
  let known = await look();
  for (let looks = 1; ; looks++) {
    const finding = await findingOf(vault, tenant, stream, known, request);
    if (finding === null) return null;
    const now = await look();
    if (looks === LOOKS || isSame(known, now)) return finding;
    known = now;
  }
}

async function readKnown(all: Rows, { tenant, subject }: StreamId): Promise<Known> {
  const state = await readState(all, tenant, subject);
  const rows = await readStreamRows(all, { tenant, subject });
  const recording = state?.of === 'recording' && isErased(state.recording) ? state.recording.state : null;
  return { rows, state, gone: recording === 'ERASING' || recording === 'ERASED' ? recording : null };
}

function isSame(one: Known, other: Known): boolean {
  const text = ({ rows, gone }: Known): string =>
    JSON.stringify([gone, rows.map(({ n, digest, stored }) => [n, digest, stored])]);
  return text(one) === text(other) && isSameState(one.state, other.state);
}

async function findingOf(
  vault: Deps,
  tenant: Tenant,
  stream: NamedStream,
  { rows, state, gone }: Known,
  request: RequestContext,
): Promise<Finding | null> {
  const { subject } = stream;
  const recording = subject.startsWith('rec_') ? { recording: subject } : {};
  const find = (kind: Finding['kind'], n: number, path: string | undefined, why?: string): Finding => ({
    ...{ kind, tenant: tenant.tenant, ...recording, subject, n },
    ...(path === undefined ? {} : { path }),
    ...(why === undefined ? {} : { why }),
  });
  const place = locationOf(tenant);
  if (gone !== null) {
    // While it is being erased, passes delete what is left.
    const left = gone === 'ERASED' ? await firstStored(vault, tenant, stream, request) : null;
    return left === null ? null : find('amendment_without_row', parseEntryPath(left)?.n ?? 0, left, 'erased');
  }
  const whole = rows.slice(0, lengthOf(rows));
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const { entries, fault } = await readStream(vault, metadataKey, place, stream, whole, request);
  // Behind the rows: what the database lacks, where a new change would take a number that is there.
  if (fault !== null) return find(fault.code, fault.n, fault.paths[0], fault.n > rows.length ? 'ahead' : undefined);
  // The rest is of rows alone: what waits for its blob, and what follows a gap.
  const said: CheckedEntry<Amendment>[] = [];
  for (const [at, row] of rows.entries()) {
    const entry = entries[at];
    if (entry !== undefined && entry.at === row.at) said.push(entry);
    else {
      const readable = at < whole.length && entry === undefined;
      const opened = readable ? openRow(metadataKey, row, said.at(-1) ?? null) : 'amendment_damaged';
      if (typeof opened === 'string') return find(opened, at + 1, undefined, 'row');
      said.push(opened);
    }
  }
  const difference = state === null ? null : differenceOf(metadataKey, state, said);
  return difference === null ? null : find(difference.kind, difference.n, undefined, difference.why);
}

/** How many rows are 1, 2, … without a gap, of a subject and at times that have a blob name. */
function lengthOf(rows: readonly AmendmentRow[]): number {
  const end = rows.findIndex((row, at) => row.n !== at + 1 || pathOf(row) === null);
  return end < 0 ? rows.length : end;
}

function pathOf({ tenant, subject, n, at }: AmendmentRow): string | null {
  try {
    return entryPath({ tenant, subject }, n, at);
  } catch (error) {
    if (hasCode(error, 'malformed')) return null;
    throw error;
  }
}

function openRow(
  metadataKey: SecretKey,
  row: AmendmentRow,
  tail: Tail | null,
): CheckedEntry<Amendment> | AmendmentFault {
  const path = pathOf(row);
  const name = path === null ? null : parseEntryPath(path);
  return name === null ? 'amendment_damaged' : openEntry(metadataKey, name, row.entry, tail, null, readAmendment);
}

/** The first of these names that the store has now. */
async function firstStored(
  vault: Deps,
  tenant: Tenant,
  { paths }: NamedStream,
  request: RequestContext,
): Promise<string | null> {
  for (const path of paths) {
    if ((await vault.store.head(locationOf(tenant), path, request)) !== null) return path;
  }
  return null;
}
