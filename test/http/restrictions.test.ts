// Restricting a recording over HTTP.
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { leafHash } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { consentIn, REASON } from '../support/consent.ts';
import { ENGINES } from '../support/engines.ts';
import { entriesOf } from '../support/entries.ts';
import type { World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

describe.each(ENGINES)('a restriction on $engine $reason', ({ engine, present }) => {
  const world: World = sharedWorld({}, engine);
  const of = consentIn(world);
  const column = async (id: string) =>
    (
      await world.vault.db.read((rows) => rows.recordings.find(world.harbour.tenant, id), {
        signal: AbortSignal.timeout(60_000),
      })
    )?.restricted;

  it.runIf(present)('silences a live session within a piece, and leaves what the law asks for', async () => {
    const recording = await of.call('restricted', 5, { 'vault-meta-basis': 'contract' });
    const session = await world.session(world.harbour, await world.grant(world.harbour, recording));
    const legal = await of.legalGrant(recording);
    expect((await of.hear(session)).status).toBe(206);
    const reply = await of.restrict(recording, { ground: 'accuracy', reason: REASON });
    const { restricted } = (await reply.json()) as { restricted: { at: string; ground: string } };
    expect([reply.status, restricted.ground]).toEqual([200, 'accuracy']);
    expect(reply.headers.get('vault-audit')).not.toBeNull();
    await expectProblem(await of.hear(session), 403, 'session_ended');
    expect((await of.shown(recording))['restricted']).toEqual(restricted);
    expect(await column(recording)).toBe(restricted.at);
    const opened = await world.call('POST', `/v1/grants/${legal}/sessions`, { key: world.harbour.privacy.key });
    const { id } = (await opened.json()) as { id: string };
    expect((await of.hear(id, world.harbour.privacy.key)).status).toBe(206);
    const asked = await world.call('GET', `/v1/recordings/${recording}/access?purpose=quality`, {
      key: world.harbour.reviewer.key,
    });
    expect(await asked.json()).toMatchObject({ allowed: false, code: 'restricted' });
    const [entry] = (await entriesOf(world.vault, world.harbour.tenant, recording)).map(({ body }) => body);
    expect(entry).toMatchObject({ op: 'facts', why: 'recording.restricted', set: { restricted } });
    const changes = await world.call('GET', `/v1/recordings/${recording}/changes`, { key: world.harbour.privacy.key });
    expect(await changes.json()).toMatchObject({
      data: [
        { reason: REASON, by: { id: world.harbour.privacy.id }, facts: [{ fact: 'restricted', after: restricted }] },
      ],
    });
  });

  it.runIf(present)('is of a call without audio too, and its audio comes restricted', async () => {
    const described = await world.call('POST', '/v1/recordings', {
      key: world.harbour.uploader.key,
      json: { source: 'pbx', call_id: 'expected' },
    });
    const { recording } = (await described.json()) as { recording: string };
    expect((await of.restrict(recording)).status).toBe(200);
    expect(await of.call('expected', 5)).toBe(recording);
    expect((await of.shown(recording))['restricted']).toMatchObject({ ground: 'claims' });
    expect(await column(recording)).not.toBeNull();
  });

  it.runIf(present)('is once, repeated by its key, and by privacy officers alone', async () => {
    const recording = await of.call('once', 5);
    const send = () =>
      world.call('POST', `/v1/recordings/${recording}/restrict`, {
        ...{ key: world.harbour.privacy.key, headers: { 'idempotency-key': `restrict-${engine}` } },
        json: { ground: 'objection', reason: REASON },
      });
    const [first, second] = [await (await send()).json(), await (await send()).json()];
    expect(second).toEqual(first);
    await expectProblem(await of.restrict(recording), 409, 'conflict');
    await expectProblem(await of.restrict(newId('rec')), 404, 'not_found');
    const elsewhere = await of.call('once', 5, {}, world.yunhai);
    await expectProblem(await of.restrict(elsewhere), 404, 'not_found');
    await expectProblem(await of.restrict(recording, { ground: 'mood', reason: REASON }), 400, 'malformed');
    await expectProblem(await of.restrict(recording, { ground: 'claims' }), 400, 'malformed');
    for (const who of ['reviewer', 'supervisor', 'auditor', 'admin', 'uploader'] as const)
      await expectProblem(await of.restrict(recording, undefined, world.harbour[who].key), 403, 'forbidden');
  });

  it.runIf(present)('leaves a log without findings', async () => {
    const { tenant } = world.harbour;
    const events = await world.vault.db.read(({ log }) => log.events(tenant, 0, 10_000), {
      signal: AbortSignal.timeout(60_000),
    });
    expect(checkLog(`${world.vault.settings.origin}/${tenant}`, events, leafHash)).toEqual([]);
  });
});
