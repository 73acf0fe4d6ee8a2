// The log in OCSF for security information systems: a service with the role auditor reads it, and nothing else.
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../../src/bytes/base64.ts';
import { leafHash } from '../../src/model/audit-event.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { freshFixture } from '../support/fixtures.ts';
import { CALL } from '../support/opened-call.ts';
import { makeWorld } from '../support/world.ts';
import { expectProblem } from './problem.ts';

type Line = Readonly<Record<string, unknown>> & {
  readonly metadata: { readonly sequence: number; readonly event_code: string };
  readonly unmapped: { readonly leaf: string; readonly hash: string };
};

const by = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });
const fixture = freshFixture(
  async () => {
    const world = await makeWorld();
    const { tenant, admin } = world.harbour;
    const service = { tenant, kind: 'service', name: 'SIEM', roles: ['auditor'], owners: [admin.id] } as const;
    const { secret } = await world.keyOf(tenant, await addPrincipal(world.vault, by, service, wait()));
    return { world, siem: secret };
  },
  ({ world }) => world.end(),
);
const get = (path: string, key = fixture.siem) => fixture.world.call('GET', path, { key });
const linesOf = async (reply: Response): Promise<Line[]> =>
  (await reply.text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

describe('the log in OCSF', () => {
  it('is one event a line, from a cursor on, with the exact leaf', async () => {
    const first = await get('/v1/audit/events?format=ocsf&limit=5');
    expect([first.status, first.headers.get('content-type'), first.headers.get('cache-control')]).toEqual([
      ...[200, 'application/x-ndjson', 'no-store'],
    ]);
    const lines = await linesOf(first);
    expect(lines.map(({ metadata }) => metadata.sequence)).toEqual([0, 1, 2, 3, 4]);
    expect(lines[0]).toMatchObject({ class_uid: 6003, metadata: { event_code: 'tenant.created' } });
    for (const { unmapped, metadata } of lines) {
      const leaf = Buffer.from(unmapped.leaf, 'base64');
      expect(toBase64(leafHash(leaf))).toBe(unmapped.hash);
      expect(JSON.parse(leaf.toString())).toMatchObject({ seq: metadata.sequence, action: metadata.event_code });
    }
    const rest = await linesOf(await get('/v1/audit/events?format=ocsf&cursor=5&limit=1000'));
    expect(rest[0]?.metadata.sequence).toBe(5);
    const end = rest.at(-1)?.metadata.sequence ?? expect.fail('there is no end');
    expect(await linesOf(await get(`/v1/audit/events?format=ocsf&cursor=${end + 1000}`))).toEqual([]);
    await expectProblem(await get('/v1/audit/events?format=cef'), 400, 'malformed');
  });

  it('is what a service with the role auditor reads, and nothing that has words or names', async () => {
    const { harbour, yunhai } = fixture.world;
    const recording = await fixture.world.deposited(harbour, 'one', CALL);
    expect((await get('/v1/audit/events')).status).toBe(200);
    expect((await get('/v1/me')).status).toBe(200);
    const denied = [
      '/v1/activity',
      '/v1/people',
      '/v1/settings',
      '/v1/changes',
      '/v1/recordings',
      '/v1/access-requests',
    ];
    for (const path of [...denied, `/v1/recordings/${recording}/activity`])
      await expectProblem(await get(path), 403, 'forbidden');
    const { detail } = (await (await get('/v1/activity')).json()) as { detail: string };
    expect(detail).toContain('auditor (people)');
    for (const who of ['reviewer', 'uploader', 'admin'] as const)
      await expectProblem(await get('/v1/audit/events?format=ocsf', harbour[who].key), 403, 'forbidden');
    expect((await get('/v1/activity', harbour.auditor.key)).status).toBe(200);
    // Another tenant's service reads its own log.
    const others = await linesOf(await get('/v1/audit/events?format=ocsf', yunhai.auditor.key));
    expect(new Set(others.map(({ metadata }) => (metadata as unknown as { log_name: string }).log_name))).toEqual(
      new Set([`vault.example/${yunhai.tenant}`]),
    );
  });

  it('needs a service that is an auditor alone', async () => {
    const { tenant, admin } = fixture.world.harbour;
    for (const roles of [['auditor', 'uploader'], ['reviewer'], ['admin']]) {
      const service = { tenant, kind: 'service', name: 'both', roles, owners: [admin.id] } as const;
      await expect(addPrincipal(fixture.world.vault, by, service, wait())).rejects.toMatchObject({ code: 'malformed' });
    }
  });
});
