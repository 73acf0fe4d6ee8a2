// Requests about consent in a tested world.
import { expect } from 'vitest';
import { continueWithdrawals } from '../../src/vault/consent/continue-withdrawals.ts';
import { wav } from './wav.ts';
import type { Cast, World } from './world.ts';

/** A caller’s number, as people and platforms write it. */
export const NUMBER = '+441234567890';
export const REASON = 'the caller wrote a letter';

type Basis = {
  readonly kind: string;
  readonly withdrawn?: { readonly at: string; readonly purposes: readonly string[] };
};
export type Shown = Readonly<Record<string, unknown>> & { readonly basis: Basis; readonly version: number };

const request = () => ({ signal: AbortSignal.timeout(600_000) });

/** Ways to withdraw, restrict and look, over a world. */
export function consentIn(world: World) {
  const withdraw = (json: object, cast: Cast = world.harbour, key = cast.privacy.key) =>
    world.call('POST', '/v1/withdrawals', { key, json: { reason: REASON, ...json } });
  const shown = async (id: string, cast: Cast = world.harbour): Promise<Shown> =>
    (await (await world.call('GET', `/v1/recordings/${id}`, { key: cast.privacy.key })).json()) as Shown;
  return {
    withdraw,
    /** Withdraws, and returns the reply's body. */
    withdrawn: async (json: object, cast: Cast = world.harbour) => {
      const reply = await withdraw(json, cast);
      expect([reply.status, await reply.clone().json()]).toEqual([201, expect.anything()]);
      return (await reply.json()) as { readonly id: string; readonly at: string; readonly purposes: readonly string[] };
    },
    shown,
    isWithdrawn: async (id: string, cast: Cast = world.harbour): Promise<boolean> =>
      (await shown(id, cast)).basis.withdrawn !== undefined,
    /** A call with a number, of consent, so many minutes ago. */
    call: (name: string, minutesAgo: number, headers: Readonly<Record<string, string>> = {}, cast = world.harbour) =>
      world.deposited(cast, name, wav(60 * 16_000), {
        'vault-meta-from': encodeURIComponent(NUMBER),
        'vault-meta-started-at': new Date(world.vault.clock.now() - minutesAgo * 60_000).toISOString(),
        ...headers,
      }),
    restrict: (id: string, json: object = { ground: 'claims', reason: REASON }, key = world.harbour.privacy.key) =>
      world.call('POST', `/v1/recordings/${id}/restrict`, { key, json }),
    /** A grant of a privacy officer for a purpose that needs no consent. */
    legalGrant: async (recording: string): Promise<string> => {
      const json = { recording, purpose: 'subject-request', reason: 'a copy for the caller', minutes: 15 };
      const asked = await world.call('POST', '/v1/access-requests', { key: world.harbour.privacy.key, json });
      const { id } = (await asked.json()) as { id: string };
      const approved = await world.call('POST', `/v1/access-requests/${id}/approve`, {
        key: world.harbour.supervisor.key,
      });
      expect([approved.status, await approved.clone().text()]).toEqual([200, expect.anything()]);
      return ((await approved.json()) as { grant: { id: string } }).grant.id;
    },
    hear: (session: string, key = world.harbour.reviewer.key) =>
      world.call('GET', `/v1/sessions/${session}/media`, { key, headers: { range: 'bytes=0-65535' } }),
    continue: () => continueWithdrawals(world.vault, request()),
  };
}
