// A floor's week: leads assign calls to reviewers with passkeys, reviewers hear and finish each. Requests and touches are
// counted, and the log is checked.
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { type SteppingUp, withPasskey } from '../support/changes.ts';
import { addTeam, setPolicy } from '../support/teams.ts';
import { wavHeader } from '../support/wav.ts';
import { type KeyHolder, makeWorld, type RequestOptions, type World } from '../support/world.ts';

export type FloorOptions = {
  readonly teams: number;
  /** Reviewers of each team. */
  readonly reviewers: number;
  /** Calls of each reviewer. */
  readonly calls: number;
  /** URL of an empty PostgreSQL database; default: SQLite. */
  readonly postgres?: string | undefined;
};

export type FloorResult = {
  readonly reviewers: number;
  readonly calls: number;
  /** Touches of a passkey for decisions. */
  readonly proofs: number;
  /** Requests of all leads, and of all reviewers. */
  readonly leadRequests: number;
  readonly reviewerRequests: number;
  /** Calls heard to their end, byte for byte. */
  readonly heard: number;
  /** Events of the log, and what its check found. */
  readonly events: number;
  readonly findings: readonly string[];
  readonly seconds: number;
};

/** Most calls that one proof assigns. */
const PER_PROOF = 50;
const SECONDS = 3;
const LOG_PAGE = 10_000;

type Count = { requests: number };

/** Plays the week. Throws where a reply is not the one that a floor needs. */
export async function playFloorWeek(options: FloorOptions): Promise<FloorResult> {
  const { postgres } = options;
  const world = await makeWorld({ apiKeyDecisions: false, ...(postgres === undefined ? {} : { postgres }) });
  try {
    return await play(world, options);
  } finally {
    await world.end();
  }
}

async function play(
  world: World,
  { teams, reviewers: perTeam, calls: perReviewer }: FloorOptions,
): Promise<FloorResult> {
  const { tenant } = world.harbour;
  const [leads, reviewers]: [SteppingUp[], KeyHolder[][]] = [[], []];
  for (let team = 0; team < teams; team++) {
    const lead = await world.person(tenant, ['supervisor']);
    const members = await inTurn(perTeam, () => world.person(tenant, ['reviewer']));
    const ids = [lead, ...members].map(({ id }) => id);
    await addTeam(world.vault, tenant, { members: ids, leads: [lead.id], queues: [queueOf(team)] });
    await inTurn(perTeam * perReviewer, (n) => deposit(world, team, n));
    leads.push(await withPasskey(world, tenant, lead.id));
    reviewers.push(members);
  }
  await setPolicy(world.vault, tenant, (policy) => {
    const { quality } = policy.purposes;
    if (quality === undefined) throw new Error('the policy has the purpose');
    const purposes = { ...policy.purposes, quality: { ...quality, assignable: true } };
    return { ...policy, scope: 'team', purposes, perDay: { sessions: 40, minutes: 180 } };
  });

  const started = performance.now();
  const [byLeads, byReviewers]: [Count, Count] = [{ requests: 0 }, { requests: 0 }];
  let proofs = 0;
  for (const [team, lead] of leads.entries())
    proofs += await assignAll(lead, reviewers[team]?.map(({ id }) => id) ?? [], byLeads);
  let heard = 0;
  for (const reviewer of reviewers.flat()) heard += await hearAll(world, reviewer, byReviewers);
  const seconds = (performance.now() - started) / 1000;
  const { events, findings } = await checkedLog(world);
  const total = teams * perTeam;
  return {
    ...{ reviewers: total, calls: total * perReviewer, proofs, heard, events, findings, seconds },
    ...{ leadRequests: byLeads.requests, reviewerRequests: byReviewers.requests },
  };
}

const queueOf = (team: number): string => `Queue ${team + 1}`;

function deposit(world: World, team: number, n: number): Promise<string> {
  const size = SECONDS * 8000;
  const body = Buffer.concat([wavHeader({ coding: 'mulaw', channels: 1, size }), Buffer.alloc(size, n % 251)]);
  const headers = { 'vault-meta-queue': encodeURIComponent(queueOf(team)), 'vault-meta-agent': `A-${n % 20}` };
  return world.deposited(world.harbour, `week-${team}-${n}`, body, headers);
}

/** Assigns all of a lead's calls, split evenly; returns how often the passkey was touched. */
async function assignAll({ browser, key }: SteppingUp, reviewers: readonly string[], count: Count): Promise<number> {
  const post = <T>(path: string, json: object, status = 200) =>
    expected<T>(browser.call('POST', path, { json }), path, status, count);
  const due = new Date(Date.now() + 4 * 86_400_000).toISOString();
  let proofs = 0;
  let next: string | null = `/v1/recordings?limit=${PER_PROOF}`;
  while (next !== null) {
    const page: RecordingPage = await expected<RecordingPage>(browser.call('GET', next), 'the list', 200, count);
    const grants = page.data.map(({ id }) => ({ recording: id }));
    if (grants.length === 0) break;
    const wanted = { purpose: 'quality', due };
    const split = await post<Split>('/v1/batches/check', { ...wanted, grants, reviewers });
    const signed = split.grants.map(({ recording, reviewer }) => ({ recording, reviewer }));
    const opened = await post<Opened>('/v1/batches/options', { ...wanted, grants: signed });
    const proof = { challenge_id: opened.challenge_id, response: key.prove(opened.options) };
    const { purpose, objects, due: until } = opened;
    const json = { grants: opened.grants, purpose, objects, due: until, reason: 'the week’s calls', proof };
    const made = await post<Made>('/v1/batches', json, 201);
    proofs += 1;
    const assigned = made.outcomes.filter(({ outcome }) => outcome === 'assigned');
    if (assigned.length !== grants.length)
      throw new Error(`${assigned.length} of ${grants.length} calls were assigned`);
    next = page.next_cursor === null ? null : `/v1/recordings?limit=${PER_PROOF}&cursor=${page.next_cursor}`;
  }
  return proofs;
}

/** Hears and finishes every call of a reviewer's queue, as the page does; returns how many. */
async function hearAll(world: World, { key }: KeyHolder, count: Count): Promise<number> {
  const send = <T>(method: string, path: string, status: number, sent: RequestOptions = {}) =>
    expected<T>(world.call(method, path, { key, ...sent }), path, status, count);
  const queue = await send<Queue>('GET', '/v1/my-queue?limit=200', 200);
  for (const { id } of queue.data) {
    const session = await send<{ readonly id: string }>('POST', `/v1/grants/${id}/sessions`, 201);
    count.requests += 1;
    const media = await world.call('GET', `/v1/sessions/${session.id}/media`, { key });
    const bytes = (await media.arrayBuffer()).byteLength;
    if (media.status !== 200 || bytes !== 44 + SECONDS * 8000)
      throw new Error(`media: ${media.status}, ${bytes} bytes`);
    await send('POST', `/v1/grants/${id}/done`, 200);
  }
  const left = await send<Queue>('GET', '/v1/my-queue', 200);
  if (left.totals.open !== 0) throw new Error(`${left.totals.open} calls are left`);
  return queue.data.length;
}

async function checkedLog({ vault, harbour: { tenant } }: World) {
  const request = { signal: AbortSignal.timeout(600_000) };
  const events = [];
  for (;;) {
    const page = await vault.db.read((rows) => rows.log.events(tenant, events.length, LOG_PAGE), request);
    events.push(...page);
    if (page.length < LOG_PAGE) break;
  }
  const findings = checkLog(logName('vault.example', tenant), events, leafHash);
  return { events: events.length, findings: findings.map(({ seq, code }) => `${seq} ${code}`) };
}

async function expected<T>(sent: Promise<Response>, what: string, status: number, count: Count): Promise<T> {
  count.requests += 1;
  const reply = await sent;
  if (reply.status !== status) throw new Error(`${what}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as T;
}

async function inTurn<T>(many: number, make: (n: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let n = 0; n < many; n++) made.push(await make(n));
  return made;
}

type RecordingPage = { readonly data: readonly { readonly id: string }[]; readonly next_cursor: string | null };
type Split = { readonly grants: readonly { readonly recording: string; readonly reviewer: string }[] };
type Opened = {
  readonly challenge_id: string;
  readonly options: object;
  readonly grants: readonly object[];
  readonly purpose: string;
  readonly objects: readonly string[];
  readonly due: string;
};
type Made = { readonly outcomes: readonly { readonly outcome: string }[] };
type Queue = { readonly data: readonly { readonly id: string }[]; readonly totals: { readonly open: number } };
