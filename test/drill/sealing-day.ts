// What a day of sealing costs in store and anchor: segments, requests and bytes, of a busy tenant and of quiet ones.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore } from '../../src/adapters/local/folder-store.ts';
import { newId } from '../../src/bytes/ids.ts';
import type { NewEvent } from '../../src/model/audit-event.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { rereadSegments } from '../../src/vault/sealing/reread-segments.ts';
import { logSealer } from '../../src/vault/sealing/seal-logs.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { makeWorld, type World } from '../support/world.ts';

/** Requests and bytes of one place: a list, a read and a put are one request each, which S3 charges. */
export type PlaceCosts = {
  readonly puts: number;
  readonly lists: number;
  readonly gets: number;
  readonly bytesPut: number;
  readonly bytesRead: number;
};
/** Of one log, or of several. */
export type DayCosts = { readonly events: number; readonly store: PlaceCosts; readonly anchor: PlaceCosts };
export type SealingDay = {
  readonly busy: DayCosts;
  readonly quiet: DayCosts;
  readonly deployment: DayCosts;
  /** The daily look at the segments. */
  readonly reread: DayCosts;
};

export type DayOptions = {
  /** Events of the busy tenant in 24 hours. */
  readonly events: number;
  readonly quiet: number;
  /** Events of each quiet tenant an hour, each in another round. */
  readonly quietAnHour: number;
  readonly hours: number;
  readonly sealSeconds: number;
};

type Counts = { -readonly [Name in keyof PlaceCosts]: number };
type Place = 'store' | 'anchor';

const HOUR_MS = 3_600_000;
const IN_A_CHANGE = 500;
const by = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(3_600_000) });
const none = (): Counts => ({ puts: 0, lists: 0, gets: 0, bytesPut: 0, bytesRead: 0 });

/** Lives such a day: the events of each round are written at once, and the clock goes on to the next one. */
export async function sealingDay(
  options: DayOptions,
  say: (line: string) => void = () => undefined,
): Promise<SealingDay> {
  const folder = await mkdtemp(join(tmpdir(), 'callvault-sealing-day-'));
  const counted = new Map<string, Record<Place, Counts>>();
  let isReread = false;
  const countsOf = (path: string, place: Place): Counts => {
    const log = isReread ? 'reread' : (/(?:^|\/)(ten_[^/]+|deployment)\//.exec(path)?.[1] ?? '');
    const of = counted.get(log) ?? { store: none(), anchor: none() };
    counted.set(log, of);
    return of[place];
  };
  const local = { region: '', bucket: '', prefix: '' };
  const store = counting(folderStore(join(folder, 'store')), (path) => countsOf(path, 'store'));
  const world = await makeWorld({ signed: true, anchored: true });
  try {
    const { vault } = world;
    const anchor = {
      store: counting(folderStore(join(folder, 'anchor')), (path) => countsOf(path, 'anchor')),
      location: local,
    };
    Object.assign(vault, { store, anchor });
    const tenants: string[] = [];
    for (let n = 0; n <= options.quiet; n++) tenants.push(await oneTenant(world, n));
    const [busy = '', ...quiet] = tenants;
    const events = new Map<string, number>();
    const round = logSealer(vault, () => undefined);
    // What their creation wrote is no part of the day.
    await round(wait());
    counted.clear();
    const rounds = Math.round((options.hours * 3600) / options.sealSeconds);
    const each = (options.events * options.sealSeconds) / 86_400;
    const every = Math.round(3600 / options.sealSeconds / options.quietAnHour);
    let due = 0;
    for (let n = 0; n < rounds; n++) {
      due += each;
      const now = Math.floor(due);
      due -= now;
      await grow(world, busy, now, events);
      for (const [at, tenant] of quiet.entries()) if ((n + at) % every === 0) await grow(world, tenant, 1, events);
      await round(wait());
      world.forward(options.sealSeconds * 1000);
      if ((n + 1) % Math.ceil((HOUR_MS / 1000 / options.sealSeconds) * 6) === 0)
        say(`${Math.round((n * options.sealSeconds) / 3600)} h`);
    }
    isReread = true;
    for (const log of tenants) await rereadSegments(vault, log, wait());
    const sum = (logs: readonly string[]): DayCosts => ({
      events: logs.reduce((all, log) => all + (events.get(log) ?? 0), 0),
      store: total(logs.map((log) => counted.get(log)?.store ?? none())),
      anchor: total(logs.map((log) => counted.get(log)?.anchor ?? none())),
    });
    return { busy: sum([busy]), quiet: sum(quiet), deployment: sum(['deployment']), reread: sum(['reread']) };
  } finally {
    await world.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A line for each, as docs/operations/sizing.md has them. */
export function tableOf({ busy, quiet, deployment, reread }: SealingDay, { quiet: many }: DayOptions): string[] {
  const line = (name: string, { events, store, anchor }: DayCosts, of = 1): string => {
    const numbers = [
      events / of,
      store.puts / of,
      (store.puts + anchor.puts) / of,
      (store.lists + anchor.lists) / of,
      (store.gets + anchor.gets) / of,
      (store.bytesPut + anchor.bytesPut) / of / 1e6,
      (store.bytesRead + anchor.bytesRead) / of / 1e6,
    ];
    return `| ${name} | ${numbers.map((n) => (n < 100 ? Math.round(n * 10) / 10 : Math.round(n)).toLocaleString('en')).join(' | ')} |`;
  };
  const all = [busy, quiet, deployment, reread];
  const together = {
    events: all.reduce((sum, one) => sum + one.events, 0),
    store: total(all.map((one) => one.store)),
    anchor: total(all.map((one) => one.anchor)),
  };
  return [
    '| a day of | events | segments | put | list | read | MB put | MB read |',
    '|---|---|---|---|---|---|---|---|',
    line('the busy tenant', busy),
    line('each quiet tenant', quiet, many),
    line('the deployment', deployment),
    line('the daily reading of all', reread),
    line('all', together),
  ];
}

function total(some: readonly PlaceCosts[]): PlaceCosts {
  const sum = none();
  for (const one of some) for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += one[name];
  return sum;
}

async function oneTenant({ vault }: World, n: number): Promise<string> {
  const people = { admin: 'Ann', approvers: ['Sue'], approverAgeHours: 0, apiKeyDecisions: true };
  const what = { name: `Tenant ${n}`, country: 'GB', defaultBasis: 'consent', consent: 'any', ...people } as const;
  return (await createTenant(vault, by, what, wait())).tenant;
}

/** The events of uploads, one after the other. */
async function grow({ vault }: World, log: string, count: number, events: Map<string, number>): Promise<void> {
  const from = events.get(log) ?? 0;
  for (let done = 0; done < count; done += IN_A_CHANGE) {
    const some: NewEvent[] = [];
    for (let n = done; n < Math.min(count, done + IN_A_CHANGE); n++) some.push(uploadEvent(log, from + n));
    await vault.db.change(async () => ({ result: null, events: some }), wait());
  }
  events.set(log, from + count);
}

function uploadEvent(log: string, n: number): NewEvent {
  const [id, recording] = [newId('dep'), newId('rec')];
  const request = { req: newId('req') };
  if (n % 4 === 0) return event(log, by, 'deposit.started', { id, recording, object: 'audio' }, request);
  if (n % 4 === 1) return event(log, by, 'deposit.committing', { id, recording }, request);
  if (n % 4 === 2) return event(log, by, 'deposit.available', { id, recording, object: 'audio' }, request);
  return event(log, by, 'recording.created', { id: recording }, request);
}

/** A store that counts what reaches it. */
function counting(store: ObjectStore, of: (path: string) => Counts): ObjectStore {
  return {
    ...store,
    put: (place, path, bytes, ...rest) => {
      const counts = of(path);
      counts.puts++;
      counts.bytesPut += bytes.length;
      return store.put(place, path, bytes, ...rest);
    },
    get: async (place, path, ...rest) => {
      const counts = of(path);
      counts.gets++;
      const found = await store.get(place, path, ...rest);
      counts.bytesRead += found?.bytes.length ?? 0;
      return found;
    },
    read: (place, path, ...rest) => counted(store.read(place, path, ...rest), of(path)),
    first: (place, path, ...rest) => {
      of(path).lists++;
      return store.first(place, path, ...rest);
    },
    list: (place, path, ...rest) => pages(store.list(place, path, ...rest), of(path)),
  };
}

async function* counted<Part extends Uint8Array>(parts: AsyncIterable<Part>, counts: Counts): AsyncGenerator<Part> {
  counts.gets++;
  for await (const part of parts) {
    counts.bytesRead += part.length;
    yield part;
  }
}

/** A request for each 1,000 names. */
async function* pages<Blob>(blobs: AsyncIterable<Blob>, counts: Counts): AsyncGenerator<Blob> {
  let seen = 0;
  counts.lists++;
  for await (const blob of blobs) {
    if (seen > 0 && seen % 1_000 === 0) counts.lists++;
    seen++;
    yield blob;
  }
}
