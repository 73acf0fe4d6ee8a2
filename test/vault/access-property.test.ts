// No history of people, roles, policies and decisions gives one human a session without another's approval, a policy and
// a clock; and each rule counts: with one switched off, a history is found that breaks it.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { readLeaf } from '../../src/model/log/leaf.ts';
import type { Policy } from '../../src/model/policy.ts';
import { proofCrypto } from '../../src/vault/core/proofs/proof-crypto.ts';
import { createDriver, type Driver } from '../support/access-history/driver.ts';
import { loosened, off, RULES } from '../support/access-history/loosened.ts';
import { violations } from '../support/access-history/oracle.ts';
import { anyHistory, take } from '../support/access-history/steps.ts';
import { URL_OF_WORLD } from '../support/world.ts';

const SEED = 20_261_128;

type Args<F> = F extends (...args: infer A) => unknown ? A : never;

vi.mock('../../src/model/access-checks.ts', async (original) => {
  const real = await original<typeof import('../../src/model/access-checks.ts')>();
  return {
    ...real,
    approverChecks: (...args: Args<typeof real.approverChecks>) => loosened(real.approverChecks(...args)),
    recordingChecks: (...args: Args<typeof real.recordingChecks>) => loosened(real.recordingChecks(...args)),
    requestedScopeChecks: (...args: Args<typeof real.requestedScopeChecks>) =>
      loosened(real.requestedScopeChecks(...args)),
    grantChecks: (...args: Args<typeof real.grantChecks>) => loosened(real.grantChecks(...args)),
    confirmationCheck: (...args: Args<typeof real.confirmationCheck>) => loosened([real.confirmationCheck(...args)])[0],
  };
});

vi.mock('../../src/model/change/checks.ts', async (original) => {
  const real = await original<typeof import('../../src/model/change/checks.ts')>();
  return {
    ...real,
    approvalChecks: (...args: Args<typeof real.approvalChecks>) => loosened(real.approvalChecks(...args), 'change:'),
  };
});

vi.mock('../../src/model/grant-clock.ts', async (original) => {
  const real = await original<typeof import('../../src/model/grant-clock.ts')>();
  return {
    ...real,
    extensionChecks: (...args: Args<typeof real.extensionChecks>) => loosened(real.extensionChecks(...args)),
    startOfClock: (...args: Args<typeof real.startOfClock>) => (off.has('clock') ? {} : real.startOfClock(...args)),
  };
});

vi.mock('../../src/model/permissions.ts', async (original) => {
  const real = await original<typeof import('../../src/model/permissions.ts')>();
  return {
    ...real,
    permissionChecks: (...[by, action]: Args<typeof real.permissionChecks>) =>
      off.has(`permission:${action}`) ? [] : real.permissionChecks(by, action),
    may: (...[by, action]: Args<typeof real.may>) => off.has(`permission:${action}`) || real.may(by, action),
  };
});

vi.mock('../../src/model/principal.ts', async (original) => {
  const real = await original<typeof import('../../src/model/principal.ts')>();
  return {
    ...real,
    humansOf: (...[one]: Args<typeof real.humansOf>) => (off.has('owners') ? [one.id] : real.humansOf(one)),
    // Services have no role with content yet: with one, the rules about their owners must hold.
    checkRoles: (...[kind, roles]: Args<typeof real.checkRoles>) =>
      kind === 'service' ? [...roles].sort() : real.checkRoles(kind, roles),
  };
});

vi.mock('../../src/model/approved-scope.ts', async (original) => {
  const real = await original<typeof import('../../src/model/approved-scope.ts')>();
  return {
    ...real,
    requireWithinRequest: (...args: Args<typeof real.requireWithinRequest>) => {
      if (!off.has('narrowing')) real.requireWithinRequest(...args);
    },
    approvedScope: (...args: Args<typeof real.approvedScope>) => {
      const [request, approvals, ...rest] = args;
      const minutes = Math.max(request.minutes, ...approvals.map((one) => one.minutes ?? 0));
      return real.approvedScope(off.has('narrowing') ? { ...request, minutes } : request, approvals, ...rest);
    },
  };
});

vi.mock('../../src/model/policy.ts', async (original) => {
  const real = await original<typeof import('../../src/model/policy.ts')>();
  return {
    ...real,
    ruleOf: (...args: Args<typeof real.ruleOf>) => {
      const rule = real.ruleOf(...args);
      return rule !== undefined && off.has('approvals') ? { ...rule, approvals: 1 } : rule;
    },
  };
});

vi.mock('../../src/model/log/proof.ts', async (original) => {
  const real = await original<typeof import('../../src/model/log/proof.ts')>();
  return {
    ...real,
    isProof: (...args: Args<typeof real.isProof>) => off.has('proof-signature') || real.isProof(...args),
  };
});

vi.mock('../../src/vault/core/proofs/proof-token.ts', async (original) => {
  const real = await original<typeof import('../../src/vault/core/proofs/proof-token.ts')>();
  return {
    ...real,
    readProofToken: async (...args: Args<typeof real.readProofToken>) => {
      const [vault, by, token, decisions, request] = args;
      const id = token.split('.')[0] ?? '';
      const expires = '2100-01-01T00:00:00.000Z';
      if (off.has('proof-token')) return { id, expires, challenge: '' };
      if (!off.has('proof-time')) return real.readProofToken(...args);
      const early = { ...vault, clock: { ...vault.clock, now: () => 0 } };
      const known = await real.readProofToken(early, by, token, decisions, request);
      return known === null ? null : { ...known, expires };
    },
  };
});

vi.mock('../../src/vault/core/proofs/given-proof.ts', async (original) => {
  const real = await original<typeof import('../../src/vault/core/proofs/given-proof.ts')>();
  return {
    ...real,
    redeemProof: async (...args: Args<typeof real.redeemProof>) => {
      if (!off.has('proof-once')) await real.redeemProof(...args);
    },
  };
});

vi.mock('../../src/vault/core/authority/authority-rows.ts', async (original) => {
  const real = await original<typeof import('../../src/vault/core/authority/authority-rows.ts')>();
  return {
    ...real,
    requireAuthentic: (...args: Args<typeof real.requireAuthentic>) => {
      if (!off.has('authentic')) real.requireAuthentic(...args);
    },
    changeWithMac: (...[key, table, from, to]: Args<typeof real.changeWithMac>) => {
      if (!off.has('authentic')) return real.changeWithMac(key, table, from, to);
      const becomes = { ...from, ...to, version: from.version + 1 } as never;
      return { ...to, mac: real.withMac(key, table as 'access_grant', becomes).mac };
    },
  };
});

/** What a history shows, with these rules off while it happened. */
async function run(steps: readonly Parameters<typeof take>[1][], without: readonly string[]) {
  const driver = await createDriver();
  for (const name of without) off.add(name);
  for (const step of steps) await take(driver, step);
  off.clear();
  const seen = await resultOf(driver);
  // Replies that the document does not have are no matter where a rule is off.
  await driver.world.end().catch((error: unknown) => {
    if (without.length === 0) throw error;
  });
  return seen;
}

async function resultOf({ world, tenant, served, failed }: Driver) {
  const wait = { signal: AbortSignal.timeout(600_000) };
  const events = await world.vault.db.read((rows) => rows.log.events(tenant, 0, 100_000), wait);
  const stored = world.sql.prepare('select id, body from policy where tenant = ? order by id').all(tenant);
  const policies = new Map(
    (stored as { id: string; body: string }[]).map(({ id, body }) => [id, JSON.parse(body) as Policy]),
  );
  const leaves = events.flatMap(({ leaf }) => readLeaf(leaf) ?? []);
  const proofs = { ...proofCrypto, url: URL_OF_WORLD };
  const findings = checkLog(logName(world.vault.settings.origin, tenant), events, leafHash, proofs);
  return {
    wrong: [...violations({ leaves, policies, served }), ...findings.map(({ code }) => code)],
    failed: [...failed],
    did: leaves.filter(({ outcome }) => outcome === 'ok').map(({ action }) => action),
    served: served.length,
  };
}

afterEach(() => off.clear());

describe('histories of access', () => {
  it('give no one a session without another human, a policy and a clock', async () => {
    const did: Record<string, number> = {};
    const property = fc.asyncProperty(anyHistory(40), async (steps) => {
      const { wrong, failed, did: actions, served } = await run(steps, []);
      for (const action of actions) did[action] = (did[action] ?? 0) + 1;
      did['served'] = (did['served'] ?? 0) + served;
      expect({ wrong, failed }).toEqual({ wrong: [], failed: [] });
    });
    await fc.assert(property, { seed: SEED, numRuns: 10, endOnFailure: true });
    // The property says something only about histories in which much happens.
    for (const action of [
      'session.opened',
      'grant.extended',
      'grant.revoked',
      'proof.given',
      'policy.changed',
      'served',
    ])
      expect(did[action] ?? 0, action).toBeGreaterThan(3);
  });

  it.each(RULES)('break once this is off: %s', async (_rule, names) => {
    const property = fc.asyncProperty(anyHistory(40), async (steps) => {
      const { wrong } = await run(steps, names);
      return wrong.length === 0;
    });
    const { failed } = await fc.check(property, { seed: SEED, numRuns: 40, endOnFailure: true });
    expect(failed).toBe(true);
  });
});
