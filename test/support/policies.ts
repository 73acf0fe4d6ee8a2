// Policies, people and past requests for property tests: any that the schema accepts.
import fc from 'fast-check';
import type { AccessRequest } from '../../src/model/access.ts';
import { BASIS_KINDS, CONSENT_RULES } from '../../src/model/basis.ts';
import { type ListeningHours, WEEKDAYS } from '../../src/model/listening-hours.ts';
import type { PastRequest } from '../../src/model/policy/past.ts';
import {
  LISTENER_ROLES,
  POLICY_WITHOUT,
  type Policy,
  PURPOSES,
  type PurposeRule,
  RECORDING_CLASSES,
  REQUESTABLE_OBJECTS,
  RULE_WITHOUT,
} from '../../src/model/policy.ts';
import type { Principal, Role } from '../../src/model/principal.ts';

const some = <T>(values: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...values], { minLength: 1 });

const anyRule: fc.Arbitrary<PurposeRule> = fc.record({
  bases: some(BASIS_KINDS),
  approvals: fc.integer({ min: 1, max: 3 }),
  roles: some(LISTENER_ROLES),
  objects: some(REQUESTABLE_OBJECTS),
  classes: some(RECORDING_CLASSES),
  longestMinutes: fc.integer({ min: 1, max: 120 }),
  windowHours: fc.integer({ min: 1, max: 168 }),
  otherTeam: fc.boolean(),
  extendMinutes: fc.integer({ min: 0, max: 30 }),
  training: fc.constantFrom(true, undefined),
  consent: fc.constantFrom(undefined, ...CONSENT_RULES),
  assignable: fc.boolean(),
  ...Object.fromEntries(Object.entries(RULE_WITHOUT).map(([name, value]) => [name, fc.constant(value)])),
}) as unknown as fc.Arbitrary<PurposeRule>;

const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '59'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
const anyHours: fc.Arbitrary<ListeningHours> = fc
  .record({ days: some(WEEKDAYS), from: time, to: fc.oneof(time, fc.constant('24:00')) })
  .filter(({ from, to }) => from !== to);
const maybe = <T>(limit: fc.Arbitrary<T>) => fc.option(limit, { freq: 2, nil: undefined });

/** A policy that the schema accepts. */
export const anyPolicy = fc
  .record({
    rules: fc.tuple(...PURPOSES.map(() => fc.option(anyRule, { freq: 4, nil: undefined }))),
    scope: fc.constantFrom('all' as const, 'team' as const),
    approverAgeHours: fc.integer({ min: 0, max: 96 }),
    requestHours: fc.integer({ min: 1, max: 96 }),
    uses: fc.integer({ min: 1, max: 5 }),
    bulk: fc.integer({ min: 1, max: 50 }),
    apiKeyDecisions: fc.boolean(),
    limits: fc.record({
      escalateHours: maybe(fc.integer({ min: 1, max: 96 })),
      hours: maybe(anyHours),
      perDay: maybe(
        fc.record({ sessions: fc.integer({ min: 1, max: 50 }), minutes: fc.integer({ min: 1, max: 300 }) }),
      ),
      atOnce: maybe(fc.integer({ min: 1, max: 5 })),
      pace: maybe(fc.integer({ min: 1, max: 4 })),
      openRequests: maybe(fc.integer({ min: 1, max: 20 })),
    }),
  })
  .map(({ rules, limits, ...members }): Policy => {
    const set = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
    const rest = { ...members, ...(set as Partial<Policy>) };
    const purposes = PURPOSES.flatMap((purpose, n) => (rules[n] === undefined ? [] : [[purpose, rules[n]]]));
    return { v: 2, purposes: Object.fromEntries(purposes) as Policy['purposes'], ...rest, ...POLICY_WITHOUT };
  });

const START = Date.parse('2026-11-01T00:00:00.000Z');
const hoursLater = (hours: number): string => new Date(START + hours * 3_600_000).toISOString();

function person(id: string, roles: readonly Role[], created: string, first: boolean): Principal {
  const row = { tenant: 'ten_1', id, kind: 'person', state: 'ACTIVE', version: 1, owners: [] } as const;
  return {
    ...row,
    roles,
    created,
    first,
    approvingSince: null,
    trainedUntil: null,
    leafIndex: null,
    name: Buffer.alloc(0),
    mac: null,
  };
}

const anyApproval = fc.record({
  ...{ leads: fc.boolean(), shares: fc.boolean() },
  ...{ age: fc.integer({ min: 0, max: 120 }), first: fc.boolean(), later: fc.nat(120) },
});

/** How consent came into the facts. */
const ofConsent = {
  ...{ defaulted: fc.constant(true as const), notice_unknown: fc.constant(true as const) },
  notice: fc.constant({ id: 'ntc_1', version: 1 }),
};

/** A past request with its approvals, of random people. */
export const anyPast = fc
  .record({
    purpose: fc.constantFrom(...PURPOSES),
    objects: some(REQUESTABLE_OBJECTS),
    minutes: fc.integer({ min: 1, max: 130 }),
    roles: some(LISTENER_ROLES),
    sensitivity: fc.constantFrom(...RECORDING_CLASSES),
    basis: fc.record({ kind: fc.constantFrom(...BASIS_KINDS), ...ofConsent }, { requiredKeys: ['kind'] }),
    approvals: fc.array(anyApproval, { maxLength: 3 }),
    opened: fc.nat(5),
    trainedUntil: fc.constantFrom(null, '2026-10-15', '2027-10-15'),
  })
  .map(({ purpose, objects, minutes, roles, sensitivity, basis, approvals, opened, trainedUntil }): PastRequest => {
    const state = approvals.length > 0 ? 'APPROVED' : 'REQUESTED';
    const request: AccessRequest = {
      ...{ tenant: 'ten_1', id: 'req_1', recording: 'rec_1', requester: 'usr_r', purpose, objects, minutes, state },
      ...{ version: 1, created: hoursLater(0), expires: hoursLater(72), approvalsNeeded: 1, policy: 'pol_1' },
      ...{ words: Buffer.alloc(0), mac: null },
    };
    return {
      request,
      requester: { ...person('usr_r', roles, hoursLater(-900), false), trainedUntil },
      sensitivity,
      basis,
      restricted: false,
      approvals: approvals.map(({ age, first, later, leads, shares }, n) => ({
        teams: { leads, shares },
        approver: person(`usr_a${n}`, ['supervisor'], hoursLater(later - age), first),
        at: hoursLater(later),
      })),
      opened,
    };
  });
