// Probes of every operation by people whose teams do not have a recording's queue, and the metadata that they find.
import { type IdKind, newId } from '../../../src/bytes/ids.ts';
import { wav } from '../wav.ts';
import type { Cast, World } from '../world.ts';
import { makeTenantFixtures, type TenantFixtures } from './fixtures.ts';
import type { Operation } from './operations.ts';
import { callersOf, comparableReply, idsFor, tryWith } from './probe.ts';

/** A queue that no team of the probing people has, and one that they do. */
export const HIDDEN_QUEUE = 'queue-of-others';
export const OWN_QUEUE = 'queue-of-ours';

/** Kinds of objects that belong to a recording. */
const OF_RECORDING: readonly IdKind[] = ['rec', 'req', 'grt', 'ses', 'cmt'];

/** Searches and suggestions that name what is hidden: the document does not say what to look for. */
const SOUGHT = [
  ['/v1/recordings/search', { agent: 'agent-of-one-tenant' }],
  ['/v1/recordings/search', { queue: HIDDEN_QUEUE }],
  ['/v1/recordings/search', { number: '+442079460999' }],
  ['/v1/recordings/search', { number_end: '0999' }],
  ['/v1/recordings/search', { call_id: 'belonging' }],
  ['/v1/recordings/names', { field: 'agent', prefix: 'agent-of' }],
  ['/v1/recordings/names', { field: 'queue', prefix: 'queue-of' }],
] as const;

/** Lists with the filters that show more, or something else, than without. */
const FILTERED = [
  ...['/v1/grants?mine=false', '/v1/grants?mine=false&state=live', '/v1/access-requests?mine=false'],
  ...['/v1/grants?mine=false&queued=true', '/v1/grants?mine=false&queued=false'],
  ...['/v1/access-requests?state=requested', '/v1/access-requests?state=approved', '/v1/recordings?state=available'],
  ...['/v1/recordings?mine=listen', '/v1/recordings?mine=pending', '/v1/recordings?mine=over'],
];

/** Everything of a recording out of scope, and the id of one in scope. */
export type Planted = { readonly hidden: TenantFixtures; readonly visible: string };

/** A recording of each queue, with requests, grants, sessions and comments of others on the hidden one. */
export async function plantRecordings(world: World, cast: Cast): Promise<Planted> {
  const hidden = await makeTenantFixtures(world, cast, { 'vault-meta-queue': HIDDEN_QUEUE });
  const headers = { 'vault-meta-queue': OWN_QUEUE, 'vault-meta-agent': 'agent-of-ours' };
  return { hidden, visible: await world.deposited(cast, 'visible', wav(3000), headers) };
}

/**
 * The operations that show who once requested the hidden recording what others requested, got, heard or noted on it.
 * `ways`: how they call; they see the recording, and its facts.
 */
export async function requesterLeaks(
  operations: readonly Operation[],
  ways: Awaited<ReturnType<typeof callersOf>>,
  { hidden }: Planted,
): Promise<string[]> {
  const { rec = '', usr = '' } = hidden.ids;
  const ofOthers = OF_RECORDING.filter((kind) => kind !== 'rec').map((kind) => hidden.ids[kind] ?? '');
  const words = [...ofOthers.filter((id) => id !== ''), usr, 'reason-of-one-tenant', 'comment-of-one-tenant'];
  const leaks: string[] = [];
  for (const operation of operations) {
    const { name, roles, method } = operation;
    // What changes the recording is not asked here: these people may, and the next operation would find it changed.
    if (roles === null || method !== 'GET') continue;
    const kinds = operation.ids.map(({ kind }) => kind);
    if (!kinds.every((kind) => kind === 'rec')) continue;
    for (const way of ways.filter(({ role }) => roles.includes(role))) {
      const { text, headers } = await comparableReply(
        tryWith(
          way,
          operation,
          idsFor(operation, () => rec),
        ),
      );
      for (const word of words) {
        // Supervisors know the people of their tenant; not who of them works on this recording.
        if (word === usr && name === 'GET /v1/people') continue;
        if (text.includes(word) || headers.includes(word)) leaks.push(`${name} as ${way.role} shows ${word}`);
      }
    }
  }
  for (const way of ways)
    for (const path of FILTERED) {
      const { text } = await comparableReply(way.call('GET', path));
      for (const word of words) if (text.includes(word)) leaks.push(`GET ${path} as ${way.role} shows ${word}`);
    }
  return [...new Set(leaks)];
}

/**
 * The operations that show people of other teams anything of the hidden recording, or let them distinguish it from a missing one.
 * `people` has the probing reviewer and supervisor.
 */
export async function scopeLeaks(
  world: World,
  operations: readonly Operation[],
  people: Cast,
  { hidden, visible }: Planted,
): Promise<string[]> {
  const ways = (await callersOf(world, people)).filter(({ role }) => role === 'reviewer' || role === 'supervisor');
  const ids = OF_RECORDING.map((kind) => hidden.ids[kind] ?? '').filter((id) => id !== '');
  const words = [...ids, ...hidden.words.filter((word) => !word.startsWith('note-')), HIDDEN_QUEUE];
  const leaks: string[] = [];
  const look = (as: string, { text, headers }: { readonly text: string; readonly headers: string }): void => {
    for (const word of words) if (text.includes(word) || headers.includes(word)) leaks.push(`${as} shows ${word}`);
  };
  for (const operation of operations) {
    const { name, roles, method } = operation;
    if (roles === null || (method === 'DELETE' && operation.ids.length === 0)) continue;
    const kinds = operation.ids.map(({ kind }) => kind);
    for (const way of ways.filter(({ role }) => roles.includes(role))) {
      const as = `${name} as ${way.role} by ${way.how}`;
      if (kinds.length === 0) look(as, await comparableReply(tryWith(way, operation, {})));
      if (kinds.length === 0 || !kinds.every((kind) => OF_RECORDING.includes(kind))) continue;
      const before = await world.snapshotOf(people.tenant);
      const with_ = (of: (kind: IdKind) => string) => comparableReply(tryWith(way, operation, idsFor(operation, of)));
      const reply = await with_((kind) => hidden.ids[kind] ?? '');
      if ((await world.snapshotOf(people.tenant)) !== before) leaks.push(`${as} changes what is out of scope`);
      const missing = await with_((kind) => newId(kind));
      look(as, reply);
      if (reply.status !== missing.status || reply.text !== missing.text || reply.headers !== missing.headers)
        leaks.push(`${as} distinguishes out of scope from missing`);
    }
  }
  for (const way of ways) {
    for (const [path, json] of SOUGHT)
      look(`POST ${path} as ${way.role} by ${way.how}`, await comparableReply(way.call('POST', path, { json })));
    for (const path of FILTERED)
      look(`GET ${path.split('?')[0]} as ${way.role} by ${way.how}`, await comparableReply(way.call('GET', path)));
    // What is in scope is found, or the probe would find nothing to leak.
    const list = await comparableReply(way.call('GET', '/v1/recordings'));
    if (!list.text.includes(visible)) leaks.push(`GET /v1/recordings as ${way.role} lacks what is in scope`);
  }
  return [...new Set(leaks)];
}
