// Assigned grants through two processes at once: withdrawn at the first listen, finished at the expiry.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { Grant } from '../../src/model/access.ts';
import type { Caller } from '../../src/model/principal.ts';
import { finishGrant } from '../../src/vault/assignments/finish.ts';
import { withdrawBatch } from '../../src/vault/assignments/withdraw.ts';
import { withMac } from '../../src/vault/core/authority/authority-rows.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { activeTenantAndKey } from '../../src/vault/core/tenants/active-tenant.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { expireAccess } from '../../src/vault/listening/expire-access.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { addBatch } from '../support/batches.ts';
import { ENGINES } from '../support/engines.ts';
import { addPerson, callAudio, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const HOUR = 3_600_000;
const ROUNDS = 12;
const request = () => ({ signal: AbortSignal.timeout(600_000) });
const codeOf = (one: PromiseSettledResult<unknown>): string =>
  one.status === 'fulfilled' ? 'done' : String((one.reason as { code?: unknown }).code);

describe.each(ENGINES)('assigned grants through two processes on $engine $reason', ({ engine, present }) => {
  const test = sharedVault(engine);
  let other: Vault;
  let [lead, reviewer]: Caller[] = [];
  let calls = 0;

  beforeAll(async () => {
    if (!present) return;
    other = await test.another();
    [lead, reviewer] = [await addPerson(test, 'supervisor'), await addPerson(test, 'reviewer')];
  });

  /** A batch with one grant of the reviewer; `clock`: one that was begun, and whose clock ended. */
  const assign = async (clock: 'waits' | 'ended') => {
    const { tenant, vault, uploader } = test;
    const { recording } = await deposit(vault, uploader, callAudio(`assigned-${calls++}`, wavOf(1_000)), request());
    const batch = await addBatch(vault, tenant, lead?.principal ?? '');
    const { metadataKey } = await activeTenantAndKey(vault, tenant, request());
    const id = newId('grt');
    await vault.db.change(async (tx) => {
      const now = await tx.now();
      const at = (hours: number): string => new Date(Date.parse(now) + hours * HOUR).toISOString();
      const ended = clock === 'ended';
      const row = {
        ...{ tenant, id, request: null, batch, recording, person: reviewer?.principal ?? '', purpose: 'quality' },
        ...{ objects: ['audio'], state: 'APPROVED', version: 1, approved: at(-2), uses: 3, usesLeft: 3, minutes: 15 },
        ...{ opensUntil: at(24), started: ended ? at(-1) : null, expires: ended ? at(-0.5) : at(24) },
        ...{ extendMinutes: null, extended: null, revokedAt: null, revokedBy: null, revokedWords: null },
        ...{ done: null, doneWords: null },
      } satisfies Omit<Grant, 'mac'>;
      await tx.access.insertGrant(withMac(metadataKey, 'access_grant', row));
      return { result: null, events: [event(tenant, operatorActor('op-1'), 'tenant.resumed', { id: tenant }, {})] };
    }, request());
    return { batch, grant: id };
  };
  const seen = (batch: string, grant: string) =>
    test.vault.db.read(
      async (rows) => ({
        grant: (await rows.access.grant(test.tenant, grant))?.state,
        batch: (await rows.batches.find(test.tenant, batch))?.state,
        live: (await rows.sessions.liveOf(test.tenant, grant)).length,
      }),
      request(),
    );

  it.skipIf(!present)('withdrawn at the first listen end it, or were withdrawn before', async () => {
    if (lead === undefined || reviewer === undefined) throw new Error('no people');
    const [by, listener] = [lead, reviewer];
    for (let round = 0; round < ROUNDS; round++) {
      const { batch, grant } = await assign('waits');
      const [withdrawn, opened] = await Promise.allSettled([
        withdrawBatch(test.vault, by, batch, { person: null, reason: null }, request()),
        openSession(other, listener, grant, request()),
      ]);
      expect(codeOf(withdrawn)).toBe('done');
      expect(['done', 'access_refused']).toContain(codeOf(opened));
      expect(await seen(batch, grant)).toEqual({ grant: 'REVOKED', batch: 'WITHDRAWN', live: 0 });
    }
  });

  it.skipIf(!present)('finished as they expire are finished, or expired and can be finished again', async () => {
    if (reviewer === undefined) throw new Error('no people');
    const by = reviewer;
    for (let round = 0; round < ROUNDS; round++) {
      const { batch, grant } = await assign('ended');
      const [finished] = await Promise.allSettled([
        finishGrant(test.vault, by, grant, request()),
        expireAccess(other, request()),
      ]);
      if (codeOf(finished) !== 'done') {
        expect(codeOf(finished)).toBe('conflict');
        expect(await seen(batch, grant)).toEqual({ grant: 'EXPIRED', batch: 'OPEN', live: 0 });
        await finishGrant(other, by, grant, request());
      }
      expect(await seen(batch, grant)).toEqual({ grant: 'DONE', batch: 'CLOSED', live: 0 });
    }
  });
});
