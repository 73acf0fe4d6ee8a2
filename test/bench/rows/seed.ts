// A deployment whose database has as many recordings as wanted: rows only, nothing in the store.
import { type Composed, compose } from '../../../src/compose.ts';
import { readConfig } from '../../../src/config.ts';
import type { Caller } from '../../../src/model/principal.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import type { RequestContext } from '../../../src/vault/core/request-context.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { addPrincipal } from '../../../src/vault/people/add-principal.ts';
import { createTenant } from '../../../src/vault/tenants/create-tenant.ts';
import { environmentOf } from '../../support/vault.ts';
import { addAccess, addReply, addSearch, addSignIn, fateOf } from './access.ts';
import { type SeedCast, SPAN_MS } from './cast.ts';
import { postgresWriter, sqliteWriter } from './engines.ts';
import { random } from './random.ts';
import { type AppendEvent, addRecording, logWriter } from './recordings.ts';
import { emptyBatch } from './tables.ts';

/** A seeded deployment, opened. */
export type SeededDeployment = Composed & {
  readonly tenant: string;
  /** The reviewer with a fifth of the requests, one with some, one without any. */
  readonly heavy: Caller;
  readonly usual: Caller;
  readonly fresh: Caller;
  readonly supervisor: Caller;
  readonly auditor: Caller;
  /** The service that deposits all calls. */
  readonly uploader: Caller;
  readonly recordings: number;
  readonly request: RequestContext;
};

const SCOPES = ['read', 'request', 'decide', 'listen', 'admin', 'audit'];
const BATCH = 4_000;
const REVIEWERS = 30;
const SUPERVISORS = 8;

/** Where the rows go: a PostgreSQL database, or a file in the folder. */
export type SeedTarget = { readonly folder: string; readonly postgres: string | null };

/** Opens what `seedRows` made in this folder. */
export async function openSeeded({ folder, postgres }: SeedTarget, recordings: number): Promise<SeededDeployment> {
  const database = postgres === null ? {} : { CALLVAULT_DATABASE: postgres };
  const composed = await compose(readConfig({ ...environmentOf(folder), ...database }), (error) => {
    throw error;
  });
  const request: RequestContext = { signal: new AbortController().signal };
  const { vault } = composed;
  const { tenant, people } = await vault.db.read(async (rows) => {
    const [first] = await rows.tenants.all();
    if (first === undefined) throw new Error('the database is not seeded');
    return { tenant: first.tenant, people: await rows.principals.all(first.tenant) };
  }, request);
  const of = (role: string): string[] => people.filter(({ roles }) => roles.join() === role).map(({ id }) => id);
  const caller = (principal: string | undefined, role: string): Caller => {
    const by = { tenant, kind: 'person', roles: [role], auth: 'api-key' } as const;
    return { ...by, principal: principal ?? '', scopes: SCOPES, humans: [] } as unknown as Caller;
  };
  const reviewers = of('reviewer');
  return {
    ...composed,
    tenant,
    heavy: caller(reviewers[0], 'reviewer'),
    usual: caller(reviewers[1], 'reviewer'),
    fresh: caller(reviewers.at(-1), 'reviewer'),
    supervisor: caller(of('supervisor')[0], 'supervisor'),
    auditor: caller(of('auditor')[0], 'auditor'),
    uploader: { ...caller(of('uploader')[0], 'uploader'), kind: 'service', scopes: ['ingest'] },
    recordings,
    request,
  };
}

/** Creates a deployment and fills its database. */
export async function seedRows(
  target: SeedTarget,
  recordings: number,
  onProgress: (done: number) => void = () => undefined,
): Promise<void> {
  const database = target.postgres === null ? {} : { CALLVAULT_DATABASE: target.postgres };
  const config = readConfig({ ...environmentOf(target.folder), ...database });
  const composed = await compose(config, (error) => {
    throw error;
  });
  const request: RequestContext = { signal: new AbortController().signal };
  try {
    const cast = await makeCast(composed.vault, recordings, request);
    const size = await composed.vault.db.read(async (rows) => {
      const [last] = await rows.log.eventsBelow(cast.tenant.tenant, null, 1);
      return (last?.seq ?? -1) + 1;
    }, request);
    await fill(target, config.database.engine === 'sqlite' ? config.database.path : '', cast, size, onProgress);
  } finally {
    await composed.close();
  }
}

async function makeCast(vault: Vault, recordings: number, request: RequestContext): Promise<SeedCast> {
  const by = operatorActor('op-1');
  const people = { admin: 'Ada', approvers: ['Sue'], approverAgeHours: 0, apiKeyDecisions: true };
  const what = { name: 'Harbour Bank', country: 'GB', defaultBasis: 'consent', consent: 'any', ...people } as const;
  const { tenant: id, approvers } = await createTenant(vault, by, what, request);
  const add = (kind: 'person' | 'service', role: string, n: number): Promise<string> => {
    const owners = kind === 'service' ? approvers : [];
    return addPrincipal(vault, by, { tenant: id, kind, name: `${role} ${n}`, roles: [role], owners } as never, request);
  };
  const some = async (role: string, count: number): Promise<string[]> => {
    const all: string[] = [];
    for (let n = 0; n < count; n++) all.push(await add('person', role, n));
    return all;
  };
  const [reviewers, supervisors] = [await some('reviewer', REVIEWERS), await some('supervisor', SUPERVISORS)];
  await add('person', 'auditor', 0);
  const uploader = await add('service', 'uploader', 0);
  const { tenant, policy } = await vault.db.read(
    async (rows) => ({ tenant: await rows.tenants.find(id), policy: await rows.tenants.policy(id) }),
    request,
  );
  if (tenant === null || policy === null) throw new Error('the tenant was not created');
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const { origin, node } = vault.settings;
  const until = Date.now() - 3_600_000;
  return {
    ...{ tenant, metadataKey, identity: { origin, node }, policy: policy.id, uploader, reviewers, supervisors },
    ...{ until, recordings },
  };
}

async function fill(
  { postgres }: SeedTarget,
  path: string,
  cast: SeedCast,
  size: number,
  onProgress: (done: number) => void,
): Promise<void> {
  const writer = postgres === null ? sqliteWriter(path) : await postgresWriter(postgres);
  const draws = random(1);
  const log = logWriter(cast, draws, size);
  let batch = emptyBatch();
  const append: AppendEvent = (...event) => log.append(batch, ...event);
  for (let n = 0; n < cast.recordings; n++) {
    const { id, call, state } = addRecording(cast, n, draws, batch, append);
    const fate = state === 'AVAILABLE' ? fateOf(cast.recordings - n, draws) : null;
    if (fate !== null) addAccess(cast, id, call.stored, fate, draws, batch, append);
    if (n % 8 === 0) {
      const who = cast.reviewers[draws.below(cast.reviewers.length)] ?? '';
      addSignIn(cast, who, cast.until - draws.below(SPAN_MS), draws, batch);
    }
    if (n % 20 === 0) {
      addReply(cast, draws, batch);
      addSearch(cast, call.stored, draws, append);
    }
    if (n % BATCH === BATCH - 1 || n === cast.recordings - 1) {
      // In key order, the largest table's inserts touch each page once a batch.
      batch.blind_index.sort((one, other) => compareIndex(one, other));
      await writer.write(batch);
      batch = emptyBatch();
      onProgress(n + 1);
    }
  }
  await writer.finish(cast.tenant.tenant, log.size(), new Date().toISOString());
}

function compareIndex(one: readonly unknown[], other: readonly unknown[]): number {
  const [label, otherLabel] = [String(one[2]), String(other[2])];
  if (label !== otherLabel) return label < otherLabel ? -1 : 1;
  return Buffer.compare(one[3] as Buffer, other[3] as Buffer);
}
