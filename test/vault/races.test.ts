// Two vaults on one database, like two processes: what only one may do happens once, and nothing is lost.
import { beforeAll, describe, expect, it } from 'vitest';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import type { Caller } from '../../src/model/principal.ts';
import { approve, cancel } from '../../src/vault/access/decide.ts';
import { requestAccess } from '../../src/vault/access/request-access.ts';
import { revokeGrant } from '../../src/vault/access/revoke.ts';
import { authorityKey } from '../../src/vault/core/authority/authority-key.ts';
import { changeWithMac } from '../../src/vault/core/authority/authority-rows.ts';
import { closeSession } from '../../src/vault/core/sessions/end-session.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { describeRecording } from '../../src/vault/deposit/describe.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { ENGINES } from '../support/engines.ts';
import { gate, someEvent } from '../support/fixture-rows.ts';
import { addPerson, callAudio, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const eight = [0, 1, 2, 3, 4, 5, 6, 7];

describe.each(ENGINES)('two vaults on one $engine database $reason', ({ engine, present }) => {
  const test = sharedVault(engine);
  let vaults: readonly [Vault, Vault];
  let reviewer: Caller;
  let supervisors: readonly [Caller, Caller];
  let calls = 0;

  beforeAll(async () => {
    vaults = [test.vault, await test.another()];
    reviewer = await addPerson(test, 'reviewer');
    supervisors = [await addPerson(test, 'supervisor'), await addPerson(test, 'supervisor')];
  });

  const either = (n: number): Vault => vaults[n % 2] as Vault;
  const request = () => ({ signal: AbortSignal.timeout(600_000) });
  const audio = (callId: string, body = wavOf(1_000)) => {
    return callAudio(callId, body);
  };
  const newCall = async (): Promise<string> =>
    (await deposit(test.vault, test.uploader, audio(`call-${calls++}`), request())).recording;
  const asked = async (): Promise<string> => {
    const wish = {
      recording: await newCall(),
      purpose: 'quality',
      objects: ['audio'],
      minutes: 15,
      reason: 'sample',
    } as const;
    return (await requestAccess(test.vault, reviewer, wish, request())).request.id;
  };
  const granted = async (): Promise<string> => {
    const { grant } = await approve(test.vault, supervisors[0], await asked(), {}, request());
    if (grant === null) throw new Error('no grant');
    return grant.id;
  };
  const read = <T>(work: Parameters<typeof test.vault.db.read<T>>[0]): Promise<T> =>
    test.vault.db.read(work, request());
  const codes = (settled: readonly PromiseSettledResult<unknown>[]): string[] =>
    settled.map((one) => (one.status === 'fulfilled' ? 'done' : codeOf(one.reason))).sort();
  const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? error);
  const count = (of: readonly string[], what: string): number => of.filter((one) => one === what).length;
  const soundLog = async (): Promise<void> => {
    const events = await read((rows) => rows.log.events(test.tenant, 0, 100_000));
    expect(checkLog(logName(test.vault.settings.origin, test.tenant), events, leafHash)).toEqual([]);
  };

  it.skipIf(!present)('store one of eight concurrent deposits of a call, and ask the others to retry', async () => {
    const settled = await Promise.allSettled(
      eight.map((n) => deposit(either(n), test.uploader, audio('raced'), request())),
    );
    const heard = codes(settled);
    // One created it; later ones got its result, and those during the upload must retry.
    const created = settled.filter((one) => one.status === 'fulfilled' && one.value.created);
    expect(created).toHaveLength(1);
    expect(count(heard, 'done') + count(heard, 'upload_in_progress')).toBe(8);
    const again = await Promise.all(eight.map((n) => deposit(either(n), test.uploader, audio('raced'), request())));
    expect(new Set(again.map(({ deposit: id }) => id)).size).toBe(1);
    expect(again.some((one) => one.created)).toBe(false);
    await soundLog();
  });

  it.skipIf(!present)('describe a call once', async () => {
    const metadata = { source: 'pbx', callId: 'described', leg: '0' };
    const made = await Promise.all(eight.map((n) => describeRecording(either(n), test.uploader, metadata, request())));
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(made.map(({ recording }) => recording)).size).toBe(1);
  });

  it.skipIf(!present)('open three sessions of a grant of three uses, and deny the others with the check', async () => {
    const id = await granted();
    expect((await read((rows) => rows.access.grant(test.tenant, id)))?.uses).toBe(3);
    const settled = await Promise.allSettled(eight.map((n) => openSession(either(n), reviewer, id, request())));
    const heard = codes(settled);
    expect(count(heard, 'done')).toBe(3);
    expect(count(heard, 'access_refused')).toBe(5);
    for (const one of settled) {
      if (one.status === 'fulfilled') continue;
      const { checks } = one.reason as { checks: readonly { ok: boolean | null }[] };
      expect(checks.some(({ ok }) => ok === false)).toBe(true);
    }
    expect(await read((rows) => rows.sessions.liveOf(test.tenant, id))).toHaveLength(3);
    await soundLog();
  });

  it.skipIf(!present)('create one grant from two concurrent approvals, where two are needed', async () => {
    for (let round = 0; round < 4; round++) {
      const id = await asked();
      const metadataKey = await authorityKey(test.vault, test.tenant, request());
      await test.vault.db.change(async (tx) => {
        const row = await tx.access.lockRequest(test.tenant, id);
        if (row === null) throw new Error('no request');
        const two = changeWithMac(metadataKey, 'access_request', row, { approvalsNeeded: 2 });
        if (!(await tx.access.changeRequest(row, two))) throw new Error('no request');
        const made = { type: 'request', id, recording: row.recording };
        const actor = { type: 'system', id: 'node-1', auth: 'none' } as const;
        return {
          result: 0,
          events: [{ log: 'elsewhere', id: `evt_${id}`, actor, action: 'access.expired', outcome: 'ok', object: made }],
        };
      }, request());
      const both = await Promise.all(supervisors.map((by, n) => approve(either(n), by, id, {}, request())));
      expect(both.filter(({ grant }) => grant !== null)).toHaveLength(1);
      expect(await read((rows) => rows.access.request(test.tenant, id))).toMatchObject({ state: 'APPROVED' });
      expect(await read((rows) => rows.access.decisions(test.tenant, id))).toHaveLength(2);
      expect(await read((rows) => rows.access.grantOf(test.tenant, id))).not.toBeNull();
    }
  });

  it.skipIf(!present)('approve or cancel a request, never both', async () => {
    for (let round = 0; round < 6; round++) {
      const id = await asked();
      const [approval, cancelling] = await Promise.allSettled([
        approve(either(0), supervisors[0], id, {}, request()),
        cancel(either(1), reviewer, id, request()),
      ]);
      expect([approval.status, cancelling.status].sort()).toEqual(['fulfilled', 'rejected']);
      const row = await read((rows) => rows.access.request(test.tenant, id));
      expect(row?.state).toBe(approval.status === 'fulfilled' ? 'APPROVED' : 'CANCELLED');
      expect((await read((rows) => rows.access.grantOf(test.tenant, id))) !== null).toBe(
        approval.status === 'fulfilled',
      );
    }
  });

  it.skipIf(!present)('leave no live session of a grant that is revoked while it is used', async () => {
    for (let round = 0; round < 6; round++) {
      const id = await granted();
      const opening = [0, 1, 2].map((n) => openSession(either(n), reviewer, id, request()));
      const revoking = revokeGrant(either(round), supervisors[1], id, null, request());
      const settled = await Promise.allSettled([...opening, revoking]);
      // A revocation never fails because of a session opened concurrently.
      expect(settled.at(-1)?.status).toBe('fulfilled');
      expect(await read((rows) => rows.access.grant(test.tenant, id))).toMatchObject({ state: 'REVOKED' });
      expect(await read((rows) => rows.sessions.liveOf(test.tenant, id))).toEqual([]);
    }
    await soundLog();
  });

  it.skipIf(!present)('revoke a grant while a use is being taken', async () => {
    const id = await granted();
    const [holding, held] = [gate(), gate()];
    const taking = test.vault.db.change(async (tx) => {
      const grant = await tx.access.lockGrant(test.tenant, id);
      const left = { usesLeft: 2, state: 'APPROVED', mac: null } as const;
      const taken = grant !== null && (await tx.access.changeGrant(grant, left));
      holding.open();
      await held.passed;
      return { result: taken, events: [someEvent('elsewhere')] };
    }, request());
    await holding.passed;
    const revoking = revokeGrant(either(1), supervisors[1], id, null, request());
    setTimeout(held.open, 200);
    expect((await taking).result).toBe(true);
    expect(await revoking).toBeDefined();
    expect(await read((rows) => rows.access.grant(test.tenant, id))).toMatchObject({ state: 'REVOKED', usesLeft: 2 });
  });

  it.skipIf(!present)("count every range served before its end in a session's summary", async () => {
    for (let round = 0; round < 4; round++) {
      const { session } = await openSession(test.vault, reviewer, await granted(), request());
      const counting = eight.map(async (n) => {
        let told = 0;
        for (let i = 0; i < 10; i++) {
          const live = await either(n).db.note(
            (notes) => notes.sessions.count(session, { bytes: 5, servedRange: null }),
            request(),
          );
          if (live !== null) told++;
        }
        return told;
      });
      await closeSession(either(round), reviewer, session.id, request());
      const told = (await Promise.all(counting)).reduce((sum, one) => sum + one, 0);
      const events = await read((rows) => rows.log.events(test.tenant, 0, 100_000));
      const summary = events
        .map(
          ({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as { action: string; object: Record<string, unknown> },
        )
        .find(({ action, object }) => action === 'session.ended' && object['id'] === session.id);
      expect(summary?.object).toMatchObject({ ranges: told, bytes: told * 5 });
    }
  });
});
