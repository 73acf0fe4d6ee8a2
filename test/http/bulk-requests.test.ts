// Requests for many recordings at once: each gets its own outcome, all or nothing is written, and a repetition says the same.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { eventsOf } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import type { KeyHolder, World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

type Outcome = { readonly recording: string; readonly request: string | null; readonly code: string | null };
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

describe.each(ENGINES)('requests for many recordings on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the database', () => undefined);
  const world: World = sharedWorld({}, engine);
  let [one, two, sensitive, gone, foreign]: string[] = [];
  beforeAll(async () => {
    const { harbour, yunhai } = world;
    one = await world.deposited(harbour, 'one', wav(1_000));
    two = await world.deposited(harbour, 'two', wav(1_000));
    sensitive = await world.deposited(harbour, 'three', wav(1_000), { 'vault-meta-basis': 'contract' });
    gone = await world.deposited(harbour, 'four', wav(1_000));
    foreign = await world.deposited(yunhai, 'five', wav(1_000));
    const what = { tenant: harbour.tenant, recording: gone, reason: 'request' } as const;
    await eraseRecording(world.vault, operatorActor('op-1'), what, wait());
  });

  const ask = async (
    recordings: readonly (string | undefined)[],
    more: object = {},
    by: KeyHolder = world.harbour.reviewer,
    headers: Record<string, string> = {},
  ) => {
    const json = { recordings, purpose: 'training', reason: 'new colleagues', ticket: 'T-9', minutes: 15, ...more };
    const reply = await world.call('POST', '/v1/access-requests/bulk', { key: by.key, json, headers });
    const body = (await reply.json()) as { data?: Outcome[]; code?: string };
    return { status: reply.status, body };
  };
  const logged = async () =>
    (await eventsOf(world, world.harbour.tenant)).filter(({ action }) => action === 'access.requested').length;

  it('gives each its request or the code why there is none', async () => {
    const before = await logged();
    const none = newId('rec');
    const { status, body } = await ask([two, one, sensitive, gone, foreign, none]);
    expect(status).toBe(200);
    const codeOf = (recording: string | undefined) => body.data?.find((line) => line.recording === recording);
    const made = { request: expect.stringMatching(/^req_/), code: null };
    expect([codeOf(one), codeOf(two)]).toEqual([
      { recording: one, ...made },
      { recording: two, ...made },
    ]);
    expect(codeOf(sensitive)).toEqual({ recording: sensitive, request: null, code: 'basis_insufficient' });
    expect(codeOf(gone)).toEqual({ recording: gone, request: null, code: 'erased' });
    for (const unknown of [foreign, none]) expect(codeOf(unknown)).toMatchObject({ request: null, code: 'not_found' });
    // An event for each that the tenant knows of.
    expect((await logged()) - before).toBe(4);
    const request = codeOf(one)?.request ?? '';
    const seen = await world.call('GET', `/v1/access-requests/${request}`, { key: world.harbour.supervisor.key });
    expect(await seen.json()).toMatchObject({
      recording: one,
      reason: 'new colleagues',
      ticket: 'T-9',
      state: 'requested',
    });
  });

  it('are decided together', async () => {
    const { body } = await ask([one, two], { purpose: 'quality' });
    const decisions = (body.data ?? []).map(({ request }) => ({ request, decision: 'approve' }));
    const { supervisor } = world.harbour;
    const reply = await world.call('POST', '/v1/access-requests/decide', { key: supervisor.key, json: { decisions } });
    expect(((await reply.json()) as { data: unknown[] }).data).toHaveLength(2);
  });

  it('fail as one request does where none is possible, and write nothing', async () => {
    const before = await logged();
    expect(await ask([sensitive])).toMatchObject({ status: 403, body: { code: 'access_refused' } });
    expect(await ask([foreign, newId('rec')])).toMatchObject({ status: 404 });
    expect(await ask([gone])).toMatchObject({ status: 410 });
    for (const list of [[], [one, one], Array.from({ length: 51 }, () => newId('rec'))])
      expect(await ask(list)).toMatchObject({ status: 400 });
    expect(await ask([one], {}, world.harbour.auditor)).toMatchObject({ status: 403 });
    expect(await logged()).toBe(before);
  });

  it.each(['', ',', 'rec_none', 'req_01m8h0111ze0svk72p5wcf6c38', 'Harker'])(
    'name no recording by %j, with a key or without',
    async (id) => {
      const before = await logged();
      for (const headers of [{}, { 'idempotency-key': `malformed-${engine}-${id.length}` }]) {
        const { status, body } = await ask([one, id], {}, world.harbour.reviewer, headers);
        expect(status).toBe(400);
        expect(body).toMatchObject({
          code: 'malformed',
          errors: [{ pointer: '/recordings/1', detail: 'must be the id of a recording' }],
        });
        expect(JSON.stringify(body)).not.toContain('Harker');
      }
      expect(await logged()).toBe(before);
    },
  );

  it('get the same answer when they are repeated, in any order', async () => {
    const headers = { 'idempotency-key': `many-${engine}` };
    const first = await ask([one, sensitive, two, foreign], {}, world.harbour.reviewer, headers);
    const before = await logged();
    expect(await ask([foreign, two, sensitive, one], {}, world.harbour.reviewer, headers)).toEqual(first);
    expect(await logged()).toBe(before);
  });

  it('do not wait for each other, in whatever order they name the recordings', async () => {
    const both = Array.from({ length: 6 }, (_, n) => ask(n % 2 === 0 ? [one, two] : [two, one]));
    for (const { status, body } of await Promise.all(both)) {
      expect(status).toBe(200);
      expect(body.data?.map(({ code }) => code)).toEqual([null, null]);
    }
  });

  it('leave a log that is whole', async () => {
    const { tenant } = world.harbour;
    const events = await world.vault.db.read((rows) => rows.log.events(tenant, 0, 100_000), wait());
    expect(checkLog(logName(world.vault.settings.origin, tenant), events, leafHash)).toEqual([]);
  });
});
