// Reading policies: a proposed one, with each of its faults named, and the body of a row, whichever version wrote it.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { VaultError } from '../../errors.ts';
import { BASIS_KINDS } from '../basis.ts';
import { fieldErrorsOf } from '../field-errors.ts';
import { WEEKDAYS } from '../listening-hours.ts';
import { MOST_DECISIONS } from '../log/proof.ts';
import {
  LISTENER_ROLES,
  POLICY_WITHOUT,
  type Policy,
  type PurposeRule,
  RECORDING_CLASSES,
  REQUESTABLE_OBJECTS,
  RULE_WITHOUT,
  rulesOf,
} from '../policy.ts';
import { MAX_POLICY_BYTES, policyShape } from './shape.ts';

/** The policy that a value is, with lists in one order. Throws `malformed`, naming each invalid member. */
export function parsePolicy(value: unknown): Policy {
  const parsed = policyShape.safeParse(value);
  if (!parsed.success) {
    const fields = fieldErrorsOf(parsed.error.issues, '/policy');
    const [first] = fields;
    throw new VaultError('malformed', `the policy is not valid: ${first?.pointer} ${first?.detail}`, { fields });
  }
  const policy = inOrder(parsed.data);
  if (canonicalBytes(policy).length > MAX_POLICY_BYTES)
    throw new VaultError('malformed', `a policy has at most ${MAX_POLICY_BYTES} bytes of canonical JSON`);
  return policy;
}

/** Policies that mean the same have the same bytes. */
function inOrder(policy: Policy): Policy {
  const purposes = rulesOf(policy).map(([purpose, rule]): [string, PurposeRule] => {
    const { bases, roles, objects, classes } = rule;
    return [
      purpose,
      {
        ...rule,
        bases: BASIS_KINDS.filter((one) => bases.includes(one)),
        roles: LISTENER_ROLES.filter((one) => roles.includes(one)),
        objects: REQUESTABLE_OBJECTS.filter((one) => objects.includes(one)),
        classes: RECORDING_CLASSES.filter((one) => classes.includes(one)),
      },
    ];
  });
  const { hours } = policy;
  const ordered = hours && { hours: { ...hours, days: WEEKDAYS.filter((one) => hours.days.includes(one)) } };
  return { ...policy, ...ordered, purposes: Object.fromEntries(purposes) };
}

/** What versions before policies could be changed wrote: absent `apiKeyDecisions` means no. */
type PolicyV1 = Pick<Policy, 'approverAgeHours' | 'requestHours' | 'uses'> & {
  readonly v: 1;
  readonly purposes: {
    readonly [purpose: string]: Pick<PurposeRule, 'bases' | 'approvals' | 'roles' | 'objects' | 'longestMinutes'>;
  };
  readonly apiKeyDecisions?: boolean;
};

/**
 * The policy of an authentic row's body. One of version 1 requires what it always did. Throws `format_unknown` for a
 * policy that this version cannot enforce as it was meant: a later one wrote it.
 */
export function readPolicy(body: string): Policy {
  const stored = JSON.parse(body) as PolicyV1 | { readonly v: unknown };
  if (stored.v === 1) return fromFirst(stored as PolicyV1);
  const parsed = policyShape.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new VaultError('format_unknown', 'the access policy is of a later version of callvault');
}

function fromFirst({ purposes, approverAgeHours, requestHours, uses, apiKeyDecisions }: PolicyV1): Policy {
  const rules = Object.entries(purposes).map(([purpose, rule]) => [
    purpose,
    { ...rule, otherTeam: false, extendMinutes: 0, assignable: false, classes: RECORDING_CLASSES, ...RULE_WITHOUT },
  ]);
  return {
    v: 2,
    purposes: Object.fromEntries(rules) as Policy['purposes'],
    ...{ scope: 'all', approverAgeHours, requestHours, uses, apiKeyDecisions: apiKeyDecisions === true },
    // A step-up counted for five minutes then, for any number of decisions.
    bulk: MOST_DECISIONS,
    ...POLICY_WITHOUT,
  };
}
