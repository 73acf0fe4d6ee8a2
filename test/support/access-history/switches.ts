// Switches in the product for rules of access: each is on unless a test has switched it off. Import it before the product.
import { vi } from 'vitest';
import { isOff } from './loosened.ts';

type Args<F> = F extends (...args: infer A) => unknown ? A : never;

vi.mock('../../../src/model/check.ts', async (original) => {
  const real = await original<typeof import('../../../src/model/check.ts')>();
  return {
    ...real,
    check: (...[name, ok, code, more]: Args<typeof real.check>) =>
      real.check(name, isOff(name) ? true : ok, code, more),
  };
});

vi.mock('../../../src/model/grant-clock.ts', async (original) => {
  const real = await original<typeof import('../../../src/model/grant-clock.ts')>();
  return {
    ...real,
    startOfClock: (...args: Args<typeof real.startOfClock>) => (isOff('clock') ? {} : real.startOfClock(...args)),
  };
});

vi.mock('../../../src/model/permissions.ts', async (original) => {
  const real = await original<typeof import('../../../src/model/permissions.ts')>();
  return {
    ...real,
    // Services have no role with content: with one, the rules about them must hold.
    permissionChecks: (...[{ kind: _kind, ...by }, action]: Args<typeof real.permissionChecks>) =>
      isOff(`permission:${action}`) ? [] : real.permissionChecks(by, action),
    may: (...[by, action]: Args<typeof real.may>) => isOff(`permission:${action}`) || real.may(by, action),
  };
});

vi.mock('../../../src/model/principal.ts', async (original) => {
  const real = await original<typeof import('../../../src/model/principal.ts')>();
  return {
    ...real,
    humansOf: (...[one]: Args<typeof real.humansOf>) => (isOff('owners') ? [one.id] : real.humansOf(one)),
    approverSince: (...[one]: Args<typeof real.approverSince>) =>
      real.approverSince(isOff('approving-since') ? { ...one, approvingSince: null } : one),
    // Services have no role with content yet: with one, the rules about their owners must hold.
    checkRoles: (...[kind, roles]: Args<typeof real.checkRoles>) =>
      kind === 'service' ? [...roles].sort() : real.checkRoles(kind, roles),
  };
});

vi.mock('../../../src/model/approved-scope.ts', async (original) => {
  const real = await original<typeof import('../../../src/model/approved-scope.ts')>();
  return {
    ...real,
    requireWithinRequest: (...args: Args<typeof real.requireWithinRequest>) => {
      if (!isOff('narrowing')) real.requireWithinRequest(...args);
    },
    approvedScope: (...args: Args<typeof real.approvedScope>) => {
      const [request, approvals, ...rest] = args;
      const minutes = Math.max(request.minutes, ...approvals.map((one) => one.minutes ?? 0));
      return real.approvedScope(isOff('narrowing') ? { ...request, minutes } : request, approvals, ...rest);
    },
  };
});

vi.mock('../../../src/model/policy.ts', async (original) => {
  const real = await original<typeof import('../../../src/model/policy.ts')>();
  return {
    ...real,
    ruleOf: (...args: Args<typeof real.ruleOf>) => {
      const rule = real.ruleOf(...args);
      return rule !== undefined && isOff('approvals') ? { ...rule, approvals: 1 } : rule;
    },
    rulesOf: (...args: Args<typeof real.rulesOf>) => (isOff('rules-of-others') ? [] : real.rulesOf(...args)),
  };
});

vi.mock('../../../src/model/change/change.ts', async (original) => {
  const real = await original<typeof import('../../../src/model/change/change.ts')>();
  const PROPOSERS = new Proxy(real.PROPOSERS, {
    get: (roles, kind) => (isOff('proposer-role') ? ['privacy', 'admin'] : Reflect.get(roles, kind)),
  });
  return {
    ...real,
    PROPOSERS,
    canBecome: (...args: Args<typeof real.canBecome>) => isOff('canBecome') || real.canBecome(...args),
  };
});

vi.mock('../../../src/model/log/proof.ts', async (original) => {
  const real = await original<typeof import('../../../src/model/log/proof.ts')>();
  return {
    ...real,
    isProof: (...args: Args<typeof real.isProof>) => isOff('proof-signature') || real.isProof(...args),
  };
});

vi.mock('../../../src/vault/core/proofs/proof-token.ts', async (original) => {
  const real = await original<typeof import('../../../src/vault/core/proofs/proof-token.ts')>();
  return {
    ...real,
    readProofToken: async (...args: Args<typeof real.readProofToken>) => {
      const [vault, by, token, decisions, request] = args;
      const id = token.split('.')[0] ?? '';
      const expires = '2100-01-01T00:00:00.000Z';
      if (isOff('proof-token')) return { id, expires, challenge: '' };
      if (!isOff('proof-time')) return real.readProofToken(...args);
      const early = { ...vault, clock: { ...vault.clock, now: () => 0 } };
      const known = await real.readProofToken(early, by, token, decisions, request);
      return known === null ? null : { ...known, expires };
    },
  };
});

vi.mock('../../../src/vault/core/proofs/given-proof.ts', async (original) => {
  const real = await original<typeof import('../../../src/vault/core/proofs/given-proof.ts')>();
  return {
    ...real,
    redeemProof: async (...args: Args<typeof real.redeemProof>) => {
      if (!isOff('proof-once')) await real.redeemProof(...args);
    },
  };
});

vi.mock('../../../src/vault/core/authority/authority-rows.ts', async (original) => {
  const real = await original<typeof import('../../../src/vault/core/authority/authority-rows.ts')>();
  return {
    ...real,
    requireAuthentic: (...args: Args<typeof real.requireAuthentic>) => {
      if (!isOff('authentic')) real.requireAuthentic(...args);
    },
    changeWithMac: (...[key, table, from, to]: Args<typeof real.changeWithMac>) => {
      if (!isOff('authentic')) return real.changeWithMac(key, table, from, to);
      const becomes = { ...from, ...to, version: from.version + 1 } as never;
      return { ...to, mac: real.withMac(key, table as 'access_grant', becomes).mac };
    },
  };
});

vi.mock('../../../src/vault/core/scope/read-scope.ts', async (original) => {
  const real = await original<typeof import('../../../src/vault/core/scope/read-scope.ts')>();
  return {
    ...real,
    isInScope: async (...args: Args<typeof real.isInScope>) => isOff('scope') || real.isInScope(...args),
    hasQueueOf: async (...args: Args<typeof real.hasQueueOf>) => isOff('scope') || real.hasQueueOf(...args),
  };
});

vi.mock('../../../src/model/team/scope.ts', async (original) => {
  const real = await original<typeof import('../../../src/model/team/scope.ts')>();
  return {
    ...real,
    seesAccess: (...args: Args<typeof real.seesAccess>) => isOff('scope') || real.seesAccess(...args),
  };
});

vi.mock('../../../src/vault/access/decision-order.ts', async (original) => {
  const real = await original<typeof import('../../../src/vault/access/decision-order.ts')>();
  return {
    ...real,
    requireWithinBulk: (...args: Args<typeof real.requireWithinBulk>) => {
      if (!isOff('bulk')) real.requireWithinBulk(...args);
    },
  };
});

vi.mock('../../../src/vault/people/end-access.ts', async (original) => {
  const real = await original<typeof import('../../../src/vault/people/end-access.ts')>();
  return {
    ...real,
    endAccess: async (...args: Args<typeof real.endAccess>) =>
      isOff('end-access') ? { ended: 0, events: [], sessions: [] } : real.endAccess(...args),
  };
});

vi.mock('../../../src/adapters/sql/session-notes.ts', async (original) => {
  const real = await original<typeof import('../../../src/adapters/sql/session-notes.ts')>();
  return {
    ...real,
    sessionNotes: (...args: Args<typeof real.sessionNotes>) => {
      const notes = real.sessionNotes(...args);
      // Nothing is unwrapped for a session that has ended, either.
      return {
        ...notes,
        countUnwrap: async (session: Args<typeof notes.countUnwrap>[0]) =>
          isOff('served-count') || notes.countUnwrap(session),
      };
    },
  };
});

vi.mock('../../../src/vault/listening/count-served.ts', async (original) => {
  const real = await original<typeof import('../../../src/vault/listening/count-served.ts')>();
  return {
    ...real,
    servedCounter: (...args: Args<typeof real.servedCounter>) =>
      isOff('served-count')
        ? { count: async () => () => 0, update: () => undefined, playedMs: () => 0 }
        : real.servedCounter(...args),
  };
});
