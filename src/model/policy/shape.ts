// The shape of a policy, which is also its published JSON Schema: what can be set, within which bounds.
import { z } from 'zod';
import { BASIS_KINDS, CONSENT_RULES } from '../basis.ts';
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
  USUAL_PACE,
} from '../policy.ts';

/** Maximum size of a policy, in bytes of canonical JSON. */
export const MAX_POLICY_BYTES = 24_576;

/** A list of at least one of these, each once. */
function some<const T extends readonly [string, ...string[]]>(values: T, description: string) {
  return z
    .array(z.enum(values))
    .min(1)
    .max(values.length)
    .refine((list) => new Set(list).size === list.length, 'names something twice')
    .meta({ uniqueItems: true, description });
}

function whole(least: number, most: number, description: string) {
  return z.int().min(least).max(most).meta({ description });
}

/**
 * A member whose feature this version does not have: only the value that means "without it" is valid. A setting that did
 * nothing would promise what nothing enforces.
 */
function without<const T extends string | number | boolean>(value: T, feature: string) {
  const only = JSON.stringify(value);
  return z
    .literal(value, { error: `must be ${only}: this version of callvault has no ${feature}` })
    .meta({ description: `${only} only: this version has no ${feature}` });
}

/** The same type, where what may be absent may also be undefined: so Zod types what no JSON has. */
type OrUndefined<T> = T extends readonly unknown[] | string | number | boolean
  ? T
  : { [Name in keyof T]: OrUndefined<T[Name]> | (undefined extends T[Name] ? undefined : never) };

const ruleShape = z.strictObject({
  bases: some(BASIS_KINDS, 'kinds of legal basis that suffice'),
  consent: z.enum(CONSENT_RULES).optional().meta({
    description: 'which consent counts: stated with the call, noticed by a tenant’s notice too, or any (absent)',
  }),
  approvals: whole(1, 5, 'how many other people must approve'),
  otherTeam: z.boolean().meta({ description: 'whether an approver must share no team with the requester' }),
  roles: some(LISTENER_ROLES, 'roles that may listen'),
  objects: some(REQUESTABLE_OBJECTS, 'what may be requested'),
  classes: some(RECORDING_CLASSES, 'sensitivity of the recordings'),
  longestMinutes: whole(1, 10_000, 'the most minutes that a request may ask for'),
  windowHours: whole(1, 168, 'hours after the approval in which the first listen starts the clock').optional(),
  extendMinutes: whole(0, 600, 'minutes of the one extension that an approval may include'),
  assignable: z.boolean().meta({ description: 'whether supervisors may assign recordings for this purpose' }),
  training: z
    .literal(true, { error: 'must be true or absent' })
    .optional()
    .meta({ description: 'the listener’s training must count; absent: none is required' }),
  tellAgent: without(RULE_WITHOUT.tellAgent, 'page for agents'),
}) satisfies z.ZodType<OrUndefined<PurposeRule>>;

function timeOfDay(pattern: RegExp, description: string) {
  return z.string().regex(pattern, 'must be a time of the day, HH:MM').meta({ description });
}

const hoursShape = z
  .strictObject({
    days: some(WEEKDAYS, 'days on which the hours begin'),
    from: timeOfDay(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM by the tenant’s clock'),
    to: timeOfDay(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'HH:MM, up to 24:00; earlier than `from`: on the next day'),
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], error: 'must differ from `from`' })
  .meta({ description: 'when people listen; absent: always' });

const perDayShape = z
  .strictObject({
    sessions: whole(1, 1_000, 'sessions that a person opens in a day').optional(),
    minutes: whole(1, 1_440, 'minutes of calls that a person is sent in a day').optional(),
  })
  .refine(({ sessions, minutes }) => sessions !== undefined || minutes !== undefined, 'must limit something')
  .meta({ minProperties: 1, description: 'limits of a person in a day of the tenant’s time zone' });

const shape = z.strictObject({
  v: z.literal(2),
  purposes: z
    .strictObject({
      quality: ruleShape.optional(),
      complaint: ruleShape.optional(),
      training: ruleShape.optional(),
      dispute: ruleShape.optional(),
      legal: ruleShape.optional(),
      'subject-request': ruleShape.optional(),
    })
    .meta({ description: 'the rule of each purpose; access for a purpose without one is denied' }),
  scope: z
    .enum(['all', 'team'])
    .meta({ description: 'what reviewers and supervisors see: all recordings, or those of their teams’ queues' }),
  approverAgeHours: whole(0, 8_784, 'minimum age of an approver’s account'),
  requestHours: whole(1, 720, 'after how long an undecided request expires'),
  escalateHours: whole(
    1,
    720,
    'hours in which only leads of a team with the queue decide; absent: any supervisor decides at once',
  ).optional(),
  uses: whole(1, 100, 'listening sessions per grant'),
  hours: hoursShape.optional(),
  perDay: perDayShape.optional(),
  atOnce: whole(1, 100, 'live sessions of a person').optional(),
  pace: whole(1, USUAL_PACE, 'seconds of a call in a second, after the first 30').optional(),
  openRequests: whole(1, 1_000, 'undecided requests of a person').optional(),
  bulk: whole(1, MOST_DECISIONS, 'how many requests one proof may decide'),
  apiKeyDecisions: z.boolean().meta({ description: 'whether an API key with scope `decide` may approve and deny' }),
  agentsSee: without(POLICY_WITHOUT.agentsSee, 'page for agents'),
  alerts: z.strictObject({}).meta({ description: 'empty: this version has no alerts' }),
}) satisfies z.ZodType<OrUndefined<Policy>>;

/** A policy. Only limits may be absent: it always says what it requires. */
export const policyShape = shape as unknown as z.ZodType<Policy>;

/** The JSON Schema of a policy (draft 2020-12). */
export function policyJsonSchema(): object {
  return { title: 'callvault policy', ...z.toJSONSchema(policyShape) };
}
