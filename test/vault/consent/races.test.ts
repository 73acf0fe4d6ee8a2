// Withdrawals beside deposits, amendments and sessions that open, on both engines.
import { describe, expect, it } from 'vitest';
import { consentIn } from '../../support/consent.ts';
import { ENGINES } from '../../support/engines.ts';
import type { World } from '../../support/world.ts';
import { sharedWorld } from '../../support/worlds.ts';

const ROUNDS = 12;

describe.each(ENGINES)('a withdrawal beside other work, on $engine $reason', ({ engine, present }) => {
  const world: World = sharedWorld({}, engine);
  const of = consentIn(world);
  let n = 0;
  const another = () => `+4412346${String(10_000 + n++)}`;
  const from = (number: string) => ({ 'vault-meta-from': encodeURIComponent(number) });
  /** Waits a little, differently each time: each of two may come first. */
  const soon = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
  const withdrawn = async (number: string) => {
    await soon();
    await of.withdrawn({ number });
  };

  it.runIf(present)('misses no deposit and no amendment of an earlier call', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [number, other] = [another(), another()];
      const known = await of.call(`known-${round}`, 5, from(other));
      const deposited = async () => {
        await soon();
        return of.call(`new-${round}`, 5, from(number));
      };
      const amended = async () => {
        await soon();
        const json = { numbers: { to: number } };
        const path = `/v1/ingest/pbx/known-${round}`;
        const reply = await world.call('PATCH', path, { key: world.harbour.uploader.key, json });
        expect([200, 503]).toContain(reply.status);
        if (reply.status === 503) await world.call('PATCH', path, { key: world.harbour.uploader.key, json });
      };
      const [made] = await Promise.all([deposited(), amended(), withdrawn(number)]);
      expect([await of.isWithdrawn(made), await of.isWithdrawn(known)], `round ${round}`).toEqual([true, true]);
    }
  });

  it.runIf(present)('leaves no session that opens beside it', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const number = another();
      const recording = await of.call(`heard-${round}`, 5, from(number));
      const grant = await world.grant(world.harbour, recording);
      const open = async () => {
        await soon();
        const reply = await world.call('POST', `/v1/grants/${grant}/sessions`, { key: world.harbour.reviewer.key });
        return reply.status === 201 ? ((await reply.json()) as { id: string }).id : null;
      };
      const [session] = await Promise.all([open(), withdrawn(number)]);
      expect(await of.isWithdrawn(recording)).toBe(true);
      if (session !== null) expect((await of.hear(session)).status, `round ${round}`).toBe(403);
      const live = await world.vault.db.read((rows) => rows.sessions.liveOn(world.harbour.tenant, recording), {
        signal: AbortSignal.timeout(60_000),
      });
      expect(live).toEqual([]);
    }
  });

  it.runIf(present)('and a restriction of the same call both stay', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const number = another();
      const recording = await of.call(`both-${round}`, 5, from(number));
      const restricted = async () => {
        await soon();
        expect((await of.restrict(recording)).status).toBe(200);
      };
      await Promise.all([restricted(), withdrawn(number)]);
      const shown = await of.shown(recording);
      expect([shown.basis.withdrawn === undefined, shown['restricted'] === null]).toEqual([false, false]);
    }
  });
});
