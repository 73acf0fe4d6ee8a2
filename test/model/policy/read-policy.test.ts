// Policies as data: what is accepted, what is published, and what rows of every version mean.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../src/bytes/canonical-json.ts';
import { BASIS_KINDS } from '../../../src/model/basis.ts';
import { parsePolicy, readPolicy } from '../../../src/model/policy/read-policy.ts';
import { MAX_POLICY_BYTES, policyJsonSchema } from '../../../src/model/policy/shape.ts';
import { defaultPolicy, firstPolicy, type Policy } from '../../../src/model/policy.ts';
import { anyPolicy } from '../../support/policies.ts';

/** The body that version 0.1.0 and its successors wrote for every tenant: it never changes. */
const FIRST =
  '{"apiKeyDecisions":true,"approverAgeHours":24,"purposes":{"complaint":{"approvals":1,"bases":["consent","contract",' +
  '"legal-obligation","legitimate-interest"],"longestMinutes":60,"objects":["audio","transcript"],"roles":["reviewer",' +
  '"supervisor","privacy"]},"dispute":{"approvals":1,"bases":["consent","contract","legal-obligation","legitimate-interest"]' +
  ',"longestMinutes":60,"objects":["audio","transcript"],"roles":["reviewer","supervisor","privacy"]},"legal":{"approvals":1,' +
  '"bases":["consent","contract","legal-obligation","legitimate-interest","none"],"longestMinutes":60,"objects":["audio",' +
  '"transcript"],"roles":["supervisor","privacy"]},"quality":{"approvals":1,"bases":["consent","contract",' +
  '"legitimate-interest"],"longestMinutes":60,"objects":["audio","transcript"],"roles":["reviewer","supervisor"]},' +
  '"subject-request":{"approvals":1,"bases":["consent","contract","legal-obligation","legitimate-interest","none"],' +
  '"longestMinutes":60,"objects":["audio","transcript"],"roles":["privacy"]},"training":{"approvals":1,"bases":["consent"],' +
  '"longestMinutes":60,"objects":["audio","transcript"],"roles":["reviewer","supervisor"]}},"requestHours":72,"uses":3,"v":1}';

/** Members of a policy that are absent. */
const LIMITS = ['escalateHours', 'hours', 'perDay', 'atOnce', 'pace', 'openRequests'];

/** A policy with one member replaced, of quality's rule or of the policy. */
function withMember(name: string, value: unknown): unknown {
  const policy = defaultPolicy(24) as unknown as Record<string, unknown>;
  if (name in policy || LIMITS.includes(name)) return { ...policy, [name]: value };
  const purposes = policy['purposes'] as Record<string, object>;
  return { ...policy, purposes: { ...purposes, quality: { ...purposes['quality'], [name]: value } } };
}

function fieldsOf(value: unknown): unknown {
  try {
    parsePolicy(value);
    return [];
  } catch (error) {
    return (error as { fields: unknown }).fields;
  }
}

describe('a policy’s row', () => {
  it('of the first version requires what the constant policy did', () => {
    expect(readPolicy(FIRST)).toEqual(firstPolicy(24, true));
    const { apiKeyDecisions: _, ...without } = JSON.parse(FIRST) as { apiKeyDecisions: boolean };
    expect(readPolicy(JSON.stringify(without))).toEqual(firstPolicy(24, false));
  });

  it('of this version reads as it was written', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        expect(readPolicy(canonicalBytes(policy).toString())).toEqual(policy);
      }),
    );
  });

  it.each([
    ['a later number', { ...defaultPolicy(24), v: 3 }],
    ['a value that this version cannot enforce', { ...defaultPolicy(24), scope: 'region' }],
    ['a member that this version does not know', { ...defaultPolicy(24), watchers: 2 }],
  ])('with %s is not in force', (_, later) => {
    expect(() => readPolicy(JSON.stringify(later))).toThrow(expect.objectContaining({ code: 'format_unknown' }));
  });
});

describe('a proposed policy', () => {
  it('is accepted where it is whole, with lists in one order', () => {
    expect(parsePolicy(defaultPolicy(24))).toEqual(defaultPolicy(24));
    const turned = withMember('bases', ['contract', 'consent', 'legitimate-interest']);
    expect(parsePolicy(turned)).toEqual(defaultPolicy(24));
    fc.assert(fc.property(anyPolicy, (policy) => void expect(parsePolicy(policy)).toEqual(policy)));
  });

  it.each([
    ['bases', [], 'quality/bases'],
    ['bases', ['consent', 'consent'], 'quality/bases'],
    ['approvals', 0, 'quality/approvals'],
    ['roles', ['admin'], 'quality/roles/0'],
    ['classes', ['secret'], 'quality/classes/0'],
    ['longestMinutes', 0, 'quality/longestMinutes'],
    ['longestMinutes', 1.5, 'quality/longestMinutes'],
    ['atOnce', 0, 'atOnce'],
    ['openRequests', 1_001, 'openRequests'],
    ['perDay', {}, 'perDay'],
    ['perDay', { sessions: 0 }, 'perDay/sessions'],
    ['perDay', { minutes: 1_441 }, 'perDay/minutes'],
    ['pace', 5, 'pace'],
    ['pace', 1.5, 'pace'],
    ['hours', { days: [], from: '08:00', to: '20:00' }, 'hours/days'],
    ['hours', { days: ['mon'], from: '8:00', to: '20:00' }, 'hours/from'],
    ['hours', { days: ['mon'], from: '24:00', to: '20:00' }, 'hours/from'],
    ['hours', { days: ['mon'], from: '08:00', to: '24:01' }, 'hours/to'],
    ['hours', { days: ['mon'], from: '08:00', to: '08:00' }, 'hours/to'],
    ['otherTeam', 'yes', 'quality/otherTeam'],
  ])('names %s %j', (name, value, pointer) => {
    expect(fieldsOf(withMember(name, value))).toEqual([
      {
        pointer: pointer.startsWith('quality/') ? `/policy/purposes/${pointer}` : `/policy/${pointer}`,
        detail: expect.any(String),
      },
    ]);
  });

  it('names every member that is absent: only limits may be', () => {
    for (const name of Object.keys(defaultPolicy(24))) {
      const { [name as keyof Policy]: _, ...rest } = defaultPolicy(24);
      expect(fieldsOf(rest)).toEqual([{ pointer: `/policy/${name}`, detail: expect.any(String) }]);
    }
    const { quality } = defaultPolicy(24).purposes;
    for (const name of Object.keys(quality ?? {}).filter((one) => one !== 'windowHours' && one !== 'consent')) {
      const { [name as keyof typeof quality]: _, ...rest } = quality ?? {};
      const purposes = { quality: rest };
      const pointer = `/policy/purposes/quality/${name}`;
      expect(fieldsOf({ ...defaultPolicy(24), purposes })).toEqual([{ pointer, detail: expect.any(String) }]);
    }
  });

  it('does not repeat the name of an unknown member', () => {
    const fields = fieldsOf({ ...defaultPolicy(24), 'Ann Smith': 1 });
    expect(fields).toEqual([{ pointer: '/policy', detail: 'has an unknown member' }]);
  });

  it.each([
    ['tellAgent', true],
    ['agentsSee', 'role'],
    ['alerts', { volume: 40 }],
  ])('cannot set %s, whose feature this version does not have', (name, value) => {
    const fields = fieldsOf(withMember(name, value)) as { detail: string }[];
    expect(fields).toHaveLength(1);
    expect(fields[0]?.detail).toMatch(name === 'alerts' ? /has an unknown member/ : /this version of callvault has no/);
  });

  it('fits its limit by far, whatever it says', () => {
    const every = { ...defaultPolicy(8_784), purposes: defaultPolicy(0).purposes };
    expect(canonicalBytes(every).length).toBeLessThan(MAX_POLICY_BYTES / 4);
  });
});

it('the published schema names every member, with bounds and values', () => {
  const schema = policyJsonSchema() as Record<string, never>;
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'callvault policy',
    additionalProperties: false,
    properties: {
      v: { const: 2 },
      approverAgeHours: { type: 'integer', minimum: 0, maximum: 8_784 },
      scope: { enum: ['all', 'team'] },
      purposes: {
        properties: {
          quality: { properties: { bases: { uniqueItems: true, minItems: 1, items: { enum: [...BASIS_KINDS] } } } },
        },
      },
    },
  });
  const { properties, required } = schema as unknown as { properties: object; required: string[] };
  const members = Object.keys(defaultPolicy(24));
  expect(Object.keys(properties).sort()).toEqual([...members, ...LIMITS].sort());
  expect([...required].sort()).toEqual([...members].sort());
});
