// Downloads of a package through two processes at once: no more begin than two people approved.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../src/bytes/ids.ts';
import type { Caller } from '../../../src/model/principal.ts';
import { approvedCopies, copiedDigest } from '../../../src/model/subject/approved-copies.ts';
import { event, operatorActor } from '../../../src/vault/core/events/events.ts';
import { endCopies } from '../../../src/vault/core/subjects/end-copies.ts';
import { openCopies, sealOfSubject } from '../../../src/vault/core/subjects/sealed-subject.ts';
import { activeTenantAndKey } from '../../../src/vault/core/tenants/active-tenant.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { takeDownload } from '../../../src/vault/subjects/take-download.ts';
import { ENGINES } from '../../support/engines.ts';
import { addPerson } from '../../support/vault.ts';
import { sharedVault } from '../../support/vaults.ts';

const ROUNDS = 6;
const request = () => ({ signal: AbortSignal.timeout(600_000) });
const codesOf = (all: readonly PromiseSettledResult<unknown>[]) =>
  all.map((one) => (one.status === 'fulfilled' ? 'taken' : String((one.reason as { code?: unknown }).code))).sort();

describe.each(ENGINES)('downloads through two processes on $engine $reason', ({ engine, present }) => {
  const test = sharedVault(engine);
  let other: Vault;
  let officer: Caller;
  beforeAll(async () => {
    if (!present) return;
    other = await test.another();
    officer = await addPerson(test, 'privacy');
  });

  /** A request that was decided, with copies for the officer. */
  const approve = async (downloads: number) => {
    const { tenant, vault } = test;
    const { metadataKey } = await activeTenantAndKey(vault, tenant, request());
    const [of, change] = [{ tenant, id: newId('sub') }, newId('chg')];
    await vault.db.change(async (tx) => {
      const now = await tx.now();
      const person = {
        numbers: [],
        fields: {},
        relation: 'self',
        channel: 'letter',
        copies: true,
        language: 'en',
      } as const;
      const clause = { officer: officer.principal, hours: 1, downloads, recordings: 0, sha256: copiedDigest([]) };
      await tx.subjects.insert({
        ...{ ...of, kinds: ['access'], state: 'DOING', version: 1, round: 1, created: now, received: now, due: now },
        ...{ extended: null, manager: officer.principal, identified: null, evidence: null, searched: now, change },
        ...{ person: sealOfSubject(metadataKey, of, 'person', person), words: null, ended: null },
        copies: sealOfSubject(metadataKey, of, 'copies', approvedCopies({ id: change, opened: now }, clause, now)),
        copiesBy: officer.principal,
      });
      return { result: null, events: [event(tenant, operatorActor('op-1'), 'tenant.resumed', { id: tenant }, {})] };
    }, request());
    const left = async () => {
      const row = await vault.db.read((rows) => rows.subjects.find(tenant, of.id), request());
      return row === null ? null : (openCopies(metadataKey, row)?.left ?? null);
    };
    return { id: of.id, change, left };
  };

  it.skipIf(!present)(
    'are never more than were approved',
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const { left, ...copies } = await approve(2);
        const begun = await Promise.allSettled(
          [test.vault, other, test.vault, other, test.vault].map((vault) =>
            takeDownload(vault, officer, copies, request()),
          ),
        );
        expect(codesOf(begun)).toEqual(['access_refused', 'access_refused', 'access_refused', 'taken', 'taken']);
        expect(await left()).toBe(0);
      }
    },
    600_000,
  );

  it.skipIf(!present)(
    'begin before the approval is ended, or do not',
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const { left, ...copies } = await approve(1);
        const how = { actor: operatorActor('op-1'), credential: {}, why: 'revoked' } as const;
        const end = other.db.change(async (tx) => {
          const { events } = await endCopies(tx, test.tenant, [copies.id], how, {});
          return { result: events.length, events };
        }, request());
        const [taken, ended] = await Promise.allSettled([takeDownload(test.vault, officer, copies, request()), end]);
        expect(codesOf([ended])).toEqual(['taken']);
        expect(['taken', 'conflict']).toContain(codesOf([taken])[0]);
        expect(await left()).toBeNull();
      }
    },
    600_000,
  );
});
