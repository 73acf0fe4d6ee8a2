// Revoking all grants of a person or on a recording: who may, what ends, and what the log has of it.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import type { GrantsOf } from '../../src/vault/access/end-grants.ts';
import { revokeGrantsByCommand } from '../../src/vault/access/revoke-by-command.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import { eventsOf } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import type { KeyHolder, World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

describe.each(ENGINES)('revoking many grants on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the database', () => undefined);
  const world: World = sharedWorld({}, engine);
  let [one, two]: string[] = [];
  beforeAll(async () => {
    one = await world.deposited(world.harbour, 'one', wav(1_000));
    two = await world.deposited(world.harbour, 'two', wav(1_000));
  });

  const granted = async (recording: string | undefined, by: KeyHolder): Promise<string> => {
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const asked = await world.call('POST', '/v1/access-requests', { key: by.key, json });
    const { id } = (await asked.json()) as { id: string };
    const { supervisor } = world.harbour;
    const reply = await world.call('POST', `/v1/access-requests/${id}/approve`, { key: supervisor.key });
    return ((await reply.json()) as { grant: { id: string } }).grant.id;
  };
  const revoke = async (by: KeyHolder, json: object, headers: Record<string, string> = {}) => {
    const reply = await world.call('POST', '/v1/grants/revoke', { key: by.key, json, headers });
    const body = (await reply.json()) as { data?: { id: string; state: string }[]; more?: boolean; code?: string };
    return { status: reply.status, ids: body.data?.map(({ id }) => id), ...body };
  };
  const byCommand = (of: GrantsOf, tenant = world.harbour.tenant) =>
    revokeGrantsByCommand(world.vault, operatorActor('op-1'), tenant, of, 'left the firm', waited());
  const waited = (): RequestContext => ({ signal: AbortSignal.timeout(600_000) });
  const events = () => eventsOf(world, world.harbour.tenant);
  const stateOf = async (grant: string): Promise<string> => {
    const reply = await world.call('GET', `/v1/grants/${grant}`, { key: world.harbour.supervisor.key });
    return ((await reply.json()) as { state: string }).state;
  };

  it('ends every grant of a person, and no one else’s', async () => {
    const { reviewer, colleague, supervisor } = world.harbour;
    const [first, second, other] = [
      await granted(one, reviewer),
      await granted(two, reviewer),
      await granted(one, colleague),
    ];
    const session = await world.session(world.harbour, first);
    const done = await revoke(supervisor, { person: reviewer.id, reason: 'left the project' });
    expect(done).toMatchObject({ status: 200, more: false, ids: [first, second] });
    expect([await stateOf(first), await stateOf(second), await stateOf(other)]).toEqual([
      'revoked',
      'revoked',
      'approved',
    ]);
    const media = await world.call('GET', `/v1/sessions/${session}/media`, { key: reviewer.key });
    expect(media.status).toBe(403);
    const seen = await world.call('GET', `/v1/grants/${first}`, { key: reviewer.key });
    expect(await seen.json()).toMatchObject({ revoked: { by: { id: supervisor.id }, reason: 'left the project' } });
    // Nothing is left of this person; nothing to write either.
    expect(await revoke(supervisor, { person: reviewer.id })).toMatchObject({ status: 200, data: [] });
  });

  it('ends every grant on a recording, as often as the request is repeated once', async () => {
    const { reviewer, colleague, privacy } = world.harbour;
    const [first, second, other] = [
      await granted(two, reviewer),
      await granted(two, colleague),
      await granted(one, reviewer),
    ];
    const headers = { 'idempotency-key': `end-${engine}` };
    const done = await revoke(privacy, { recording: two }, headers);
    expect(done.ids).toEqual([first, second].sort());
    const later = await granted(two, reviewer);
    expect(await revoke(privacy, { recording: two }, headers)).toEqual(done);
    expect([await stateOf(later), await stateOf(other)]).toEqual(['approved', 'approved']);
  });

  it('frees the Idempotency-Key where nothing is left to revoke', async () => {
    const { privacy, colleague } = world.harbour;
    const headers = { 'idempotency-key': `nothing-${engine}` };
    await revoke(privacy, { person: colleague.id });
    expect(await revoke(privacy, { person: colleague.id }, headers)).toMatchObject({ status: 200, ids: [] });
    const later = await granted(one, colleague);
    expect(await revoke(privacy, { person: colleague.id }, headers)).toMatchObject({ status: 200, ids: [later] });
  });

  it('reaches only their own grants for people who do not decide', async () => {
    const { reviewer, colleague } = world.harbour;
    const [own, other] = [await granted(one, reviewer), await granted(one, colleague)];
    expect((await revoke(reviewer, { recording: one })).ids).toContain(own);
    expect(await stateOf(other)).toBe('approved');
    expect(await revoke(reviewer, { person: colleague.id })).toMatchObject({ status: 404, code: 'not_found' });
    expect(await revoke(reviewer, { person: reviewer.id })).toMatchObject({ status: 200 });
    expect(await revoke(reviewer, { recording: 'rec_x' })).toMatchObject({ status: 404 });
  });

  it('needs a person or a recording, and finds nothing of another tenant', async () => {
    const { supervisor, reviewer } = world.harbour;
    const grant = await granted(one, reviewer);
    for (const json of [{}, { person: reviewer.id, recording: one }])
      expect((await revoke(supervisor, json)).status).toBe(400);
    const { supervisor: stranger } = world.yunhai;
    expect(await revoke(stranger, { recording: one })).toMatchObject({ status: 404, code: 'not_found' });
    expect(await revoke(stranger, { person: reviewer.id })).toMatchObject({ status: 404, code: 'not_found' });
    expect(await stateOf(grant)).toBe('approved');
  });

  it('by command ends every grant of a person or on a recording, as an operator', async () => {
    const { reviewer, colleague } = world.harbour;
    const made = [await granted(one, reviewer), await granted(one, colleague)];
    const kept = await granted(two, colleague);
    const session = await world.session(world.harbour, made[0] ?? '');
    const before = await events();
    const revoked = await byCommand({ recording: one ?? '' });
    expect(revoked).toEqual(expect.arrayContaining(made));
    expect(await Promise.all([...made, kept].map(stateOf))).toEqual(['revoked', 'revoked', 'approved']);
    const media = await world.call('GET', `/v1/sessions/${session}/media`, { key: reviewer.key });
    expect(media.status).toBe(403);
    expect(
      (await events()).slice(before.length).map(({ actor, action, object }) => [actor, action, object['id']]),
    ).toEqual(
      expect.arrayContaining([
        ...made.map((id) => [{ type: 'operator', id: 'op-1', auth: 'cli' }, 'grant.revoked', id]),
        [{ type: 'operator', id: 'op-1', auth: 'cli' }, 'session.ended', session],
      ]),
    );
    const seen = await world.call('GET', `/v1/grants/${made[0]}`, { key: reviewer.key });
    expect(await seen.json()).toMatchObject({ revoked: { by: { id: 'op-1' }, reason: 'left the firm' } });
    expect(await byCommand({ person: colleague.id })).toEqual([kept]);
    expect(await byCommand({ person: colleague.id })).toEqual([]);
    const person = colleague.id;
    for (const wrong of [
      () => byCommand({ person: 'usr_x' }),
      () => byCommand({ recording: 'rec_x' }),
      () => byCommand({ person }, world.yunhai.tenant),
      () => byCommand({ person }, 'ten_x'),
    ])
      await expect(wrong()).rejects.toMatchObject({ code: 'not_found' });
  });

  it('by command ends more than 100, and without the tenant’s key, but then has no reason', async () => {
    const { reviewer, tenant } = world.harbour;
    const grant = await granted(two, reviewer);
    await world.vault.db.change(async (tx) => {
      const row = await tx.access.lockGrant(tenant, grant);
      if (row === null) throw new Error('no grant');
      for (let n = 0; n < 120; n++) await tx.access.insertGrant({ ...row, id: newId('grt'), request: newId('req') });
      const made = event(tenant, operatorActor('op-1'), 'recording.read', { id: two ?? '' }, waited());
      return { result: undefined, events: [made] };
    }, waited());
    const before = await events();
    const { metadataKeys } = world.vault;
    metadataKeys.block(tenant);
    const revoked = await byCommand({ person: reviewer.id }).finally(() => metadataKeys.unblock(tenant));
    expect(revoked).toContain(grant);
    expect(revoked).toHaveLength(121);
    const ended = (await events()).slice(before.length).filter(({ action }) => action === 'grant.revoked');
    expect(ended.map(({ object }) => object['id']).sort()).toEqual([...revoked].sort());
    const seen = (await (await world.call('GET', `/v1/grants/${grant}`, { key: reviewer.key })).json()) as object;
    expect(seen).toMatchObject({ state: 'revoked', revoked: { reason: null } });
  });

  it('waits for a session that opens at once, or prevents it', async () => {
    const { reviewer, supervisor } = world.harbour;
    for (let round = 0; round < 5; round++) {
      const grant = await granted(one, reviewer);
      const [opened, done] = await Promise.all([
        world.call('POST', `/v1/grants/${grant}/sessions`, { key: reviewer.key }),
        revoke(supervisor, { person: reviewer.id }),
      ]);
      expect(done.ids).toContain(grant);
      if (opened.status !== 201) continue;
      const { id } = (await opened.json()) as { id: string };
      expect((await world.call('GET', `/v1/sessions/${id}/media`, { key: reviewer.key })).status).toBe(403);
    }
  });

  it('leaves a log that is whole, with an event for each grant', async () => {
    const { tenant } = world.harbour;
    const wait = { signal: AbortSignal.timeout(600_000) };
    const entries = await world.vault.db.read((rows) => rows.log.events(tenant, 0, 100_000), wait);
    expect(checkLog(logName(world.vault.settings.origin, tenant), entries, leafHash)).toEqual([]);
    const actions = entries.map(({ leaf }) => (JSON.parse(Buffer.from(leaf).toString()) as { action: string }).action);
    expect(actions.filter((action) => action === 'grant.revoked').length).toBeGreaterThanOrEqual(10);
  });
});
