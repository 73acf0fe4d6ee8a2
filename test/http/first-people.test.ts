// The people named with a tenant: they decide on its first call at once, and on later ones, while others must wait.
import { describe, expect, it } from 'vitest';
import { changeByCommand } from '../../src/vault/changes/by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { signInBrowser } from '../support/browser.ts';
import { type SteppingUp, stepUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { decideWithProof } from '../support/proofs.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
const HOUR_MS = 3_600_000;

describe.each(ENGINES)('on $engine, the first people of a tenant $reason', ({ engine, present }) => {
  const world = sharedWorld({ approverAgeHours: 24, apiKeyDecisions: false }, engine);
  const operator = operatorActor('night-shift');
  let [sue, admin, privacy]: SteppingUp[] = [];
  let reviewer = { id: '', key: '' };

  const byCommand = (name: string, role: string) => {
    const wanted = { kind: 'people', people: [{ name, roles: [role] }] } as const;
    return changeByCommand(
      world.vault,
      operator,
      world.harbour.tenant,
      wanted,
      { note: 'start', alone: false },
      WAIT(),
    );
  };
  const ask = async (recording: string): Promise<string> => {
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const reply = await world.call('POST', '/v1/access-requests', { key: reviewer.key, json });
    expect(reply.status).toBe(201);
    return ((await reply.json()) as { id: string }).id;
  };
  const decided = async (who: SteppingUp | undefined, request: string) => {
    if (who === undefined) throw new Error('no person');
    const json = { decisions: [{ request, decision: 'approve' }] };
    const asked = await who.browser.call('POST', '/v1/access-requests/decide/options', { json });
    const reply = asked.status === 200 ? await decideWithProof(who, { request, decision: 'approve' }) : asked;
    const { checks } = (await reply.json()) as { checks?: { ok: boolean; code?: string }[] };
    return [reply.status, checks?.find(({ ok }) => ok === false)?.code];
  };
  const change = async (people: readonly object[]): Promise<void> => {
    if (admin === undefined || privacy === undefined) throw new Error('no people');
    await stepUp(privacy);
    const json = { kind: 'people', note: 'new duties', people };
    const proposed = await admin.browser.call('POST', '/v1/changes', { json });
    const { id } = (await proposed.json()) as { id: string };
    expect((await privacy.browser.call('POST', `/v1/changes/${id}/approve`)).status).toBe(200);
  };

  it.runIf(present)(
    'are joined by others at once before the first recording, and then by two people only',
    async () => {
      const { harbour } = world;
      // Ann's passkey would make a second person, if the tenant were in use.
      admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
      const outcome = await byCommand('Rita', 'reviewer');
      if (!outcome.done || outcome.body.kind !== 'people') throw new Error('the command opened a change');
      const id = outcome.body.add[0]?.id ?? '';
      reviewer = { id, key: (await world.keyOf(harbour.tenant, id)).secret };
      await world.deposited(harbour, `first-${engine}`, wav(1000));
      expect(await byCommand('Mo', 'supervisor')).toMatchObject({ done: false, confirmer: 'admin' });
    },
  );

  it.runIf(present)('decide on the first call by the link that they signed in with', async () => {
    const { harbour } = world;
    const request = await ask(await world.deposited(harbour, `call-${engine}`, wav(1000)));
    const browser = await signInBrowser(world, harbour.tenant, harbour.supervisor.id);
    const reply = await browser.call('POST', `/v1/access-requests/${request}/approve`, { json: {} });
    expect(reply.status).toBe(200);
    const { grant } = (await reply.json()) as { grant: { id: string } };
    const opened = await world.call('POST', `/v1/grants/${grant.id}/sessions`, { key: reviewer.key });
    expect(opened.status).toBe(201);
  });

  it.runIf(present)('decide on later calls, while a supervisor of today cannot', async () => {
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    sue = await withPasskey(world, harbour.tenant, harbour.supervisor.id);
    const recording = await world.deposited(harbour, `later-${engine}`, wav(1000));
    const other = await withPasskey(world, harbour.tenant, (await world.person(harbour.tenant, ['supervisor'])).id);
    const request = await ask(recording);
    expect(await decided(other, request)).toEqual([403, 'account_too_young']);
    expect(await decided(sue, request)).toEqual([200, undefined]);
  });

  it.runIf(present)('wait like others once they stopped being approvers, and so does an old account', async () => {
    const { harbour } = world;
    // Everyone's account is old by now, and sign-ins have ended.
    world.forward(100 * HOUR_MS);
    admin = await withPasskey(world, harbour.tenant, (await world.person(harbour.tenant, ['admin'])).id);
    privacy = await withPasskey(world, harbour.tenant, (await world.person(harbour.tenant, ['privacy'])).id);
    await change([
      { id: harbour.supervisor.id, roles: ['reviewer'] },
      { id: harbour.colleague.id, roles: ['reviewer', 'supervisor'] },
    ]);
    await change([{ id: harbour.supervisor.id, roles: ['supervisor'] }]);
    const colleague = await withPasskey(world, harbour.tenant, harbour.colleague.id);
    const request = await ask(await world.deposited(harbour, `last-${engine}`, wav(1000)));
    expect(await decided(colleague, request)).toEqual([403, 'account_too_young']);
    const seen = await world.vault.db.read(
      (rows) => rows.principals.find(harbour.tenant, harbour.supervisor.id),
      WAIT(),
    );
    expect(seen).toMatchObject({ first: true, approvingSince: expect.any(String) });
    world.forward(25 * HOUR_MS);
    const again = await withKeyOf(colleague);
    expect(await decided(again, request)).toEqual([200, undefined]);
  });

  /** The same person in a new browser, since the sign-in has ended. */
  async function withKeyOf(who: SteppingUp): Promise<SteppingUp> {
    const { browserOf, requestChallenge } = await import('../support/browser.ts');
    const browser = browserOf(world);
    const { challenge_id, options } = await requestChallenge(browser, '/v1/sign-in/passkey/options');
    const json = { challenge_id, response: who.key.prove(options) };
    expect((await browser.call('POST', '/v1/sign-in/passkey', { json })).status).toBe(200);
    return { ...who, browser };
  }
});
