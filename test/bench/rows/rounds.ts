// What is measured besides lists of recordings: other pages, counts, and the rounds of background work.
import { listGrants } from '../../../src/vault/access/read-grants.ts';
import { listRequests, readRequest } from '../../../src/vault/access/read-requests.ts';
import { commentFiler } from '../../../src/vault/amendments/file-comments.ts';
import { entryStorer } from '../../../src/vault/amendments/store-entries.ts';
import { fillQueues } from '../../../src/vault/catalogue/fill-queues.ts';
import { readRecording } from '../../../src/vault/catalogue/read-recording.ts';
import { suggestNames } from '../../../src/vault/catalogue/suggest-names.ts';
import { reportMissing } from '../../../src/vault/completeness/report-missing.ts';
import { closeWindows } from '../../../src/vault/core/events/close-windows.ts';
import { forgetReplies } from '../../../src/vault/core/idempotency/stored-reply.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { recoverStale } from '../../../src/vault/deposit/recover-stale.ts';
import { continueErasures } from '../../../src/vault/erasure/continue-erasures.ts';
import { indexUpdater } from '../../../src/vault/indexing/update-indexes.ts';
import { readCensus } from '../../../src/vault/keys/census.ts';
import { expireAccess } from '../../../src/vault/listening/expire-access.ts';
import { readActivity } from '../../../src/vault/log/read-activity.ts';
import { readEvents } from '../../../src/vault/log/read-events.ts';
import { readRecordingActivity } from '../../../src/vault/log/read-recording-activity.ts';
import { listPeople } from '../../../src/vault/people/list-people.ts';
import { forgetChallenges } from '../../../src/vault/sign-in/challenges.ts';
import { expireSignIns } from '../../../src/vault/sign-in/expire.ts';
import type { Operation } from './lists.ts';
import type { Random } from './random.ts';
import type { SeededDeployment } from './seed.ts';

/** Pages of requests, grants, activity and people; one recording; counts. */
export function pageOperations(seeded: SeededDeployment, vault: Vault, draw: Random): Operation[] {
  const { request, usual, heavy, fresh, supervisor, auditor, tenant } = seeded;
  const count = async (rows: Promise<readonly unknown[]>): Promise<number> => (await rows).length;
  const requests = (by: typeof usual, options: Parameters<typeof listRequests>[2]) =>
    listRequests(vault, by, options, null, 50, request).then((page) => page.requests.length);
  const grants = (by: typeof usual, mine: boolean, live: boolean) =>
    count(listGrants(vault, by, { mine, live }, null, 50, request));
  const activity = async (filter: Parameters<typeof readActivity>[2]) =>
    (await readActivity(vault, auditor, filter, null, 50, request)).events.length;
  const someRecording = async (): Promise<string> => {
    const startedAt = new Date(Date.now() - 86_400_000 - draw.next() * 40_000_000_000).toISOString();
    const after = { startedAt, id: 'rec_7' };
    const find = vault.db.read(
      (rows) => rows.recordings.page(tenant, { indexes: [], state: 'available' }, after, 1),
      request,
    );
    return (await find)[0]?.id ?? '';
  };
  return [
    { name: 'requests: all', run: () => requests(supervisor, {}) },
    { name: 'requests: open, not mine', run: () => requests(supervisor, { state: 'REQUESTED', mine: false }) },
    { name: 'requests: mine, many', run: () => requests(heavy, { mine: true }) },
    { name: 'requests: mine, open, many', run: () => requests(heavy, { mine: true, state: 'REQUESTED' }) },
    { name: 'requests: mine, cancelled, none', run: () => requests(heavy, { mine: true, state: 'CANCELLED' }) },
    { name: 'requests: mine, none', run: () => requests(fresh, { mine: true }) },
    {
      name: 'request: one, with the requester’s use',
      run: async () => {
        const {
          requests: [one],
        } = await listRequests(vault, heavy, { mine: true }, null, 1, request);
        await readRequest(vault, supervisor, one?.request.id ?? '', request);
        return 1;
      },
    },
    { name: 'grants: all', run: () => grants(supervisor, false, false) },
    { name: 'grants: live', run: () => grants(supervisor, false, true) },
    { name: 'grants: mine, live, many', run: () => grants(heavy, true, true) },
    { name: 'grants: mine, live, none', run: () => grants(fresh, true, true) },
    { name: 'activity: newest', run: () => activity({}) },
    { name: 'activity: an action', run: () => activity({ actions: ['access.denied'] }) },
    { name: 'activity: an action, none', run: () => activity({ actions: ['key.rotated'] }) },
    { name: 'events: from an index', run: () => count(readEvents(vault, auditor, draw.below(500_000), 200, request)) },
    {
      name: 'recording: activity',
      run: async () =>
        (await readRecordingActivity(vault, supervisor, await someRecording(), null, 50, request)).events.length,
    },
    {
      name: 'recording: read',
      run: async () => Number((await readRecording(vault, usual, await someRecording(), request)).facts !== null),
    },
    {
      name: 'names: agents',
      run: async () => (await suggestNames(vault, usual, 'agent', 'agent 1', 20, request)).names.length,
    },
    { name: 'people', run: () => count(listPeople(vault, { ...supervisor, roles: ['admin'] }, '', 200, request)) },
    { name: 'census of keys', run: async () => (await readCensus(vault, tenant, request)).lines.length },
    {
      name: 'object by its heads, none',
      run: async () => {
        const heads = draw.bytes(32);
        return Number((await vault.db.read((rows) => rows.deposits.objectByHeads(tenant, heads), request)) !== null);
      },
    },
  ];
}

/** Rounds of background work, in their order in src/work.ts. */
export function roundOperations({ request }: SeededDeployment, vault: Vault): Operation[] {
  return [
    { name: 'round: settle', run: () => recoverStale(vault, request) },
    { name: 'round: fill queues', run: () => fillQueues(vault, request) },
    { name: 'round: expire', run: () => expireAccess(vault, request) },
    { name: 'round: expire sign-ins', run: () => expireSignIns(vault, request) },
    { name: 'round: forget challenges', run: () => forgetChallenges(vault, request) },
    { name: 'round: store entries', run: () => entryStorer(vault, () => undefined)(request) },
    { name: 'round: file comments', run: () => commentFiler(vault, () => undefined)(request) },
    { name: 'round: update indexes', run: () => indexUpdater(vault, () => undefined)(request) },
    { name: 'round: erase', run: () => continueErasures(vault, request) },
    { name: 'round: close windows', run: () => closeWindows(vault, request) },
    { name: 'round: report missing', run: () => reportMissing(vault, request) },
    { name: 'round: forget replies', run: () => forgetReplies(vault, request) },
  ];
}
