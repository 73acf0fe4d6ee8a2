// Schemas of the policy and of its versions.
import { z } from '@hono/zod-openapi';
import { CONSENT_RULES } from '../../model/basis.ts';
import { policyShape } from '../../model/policy/shape.ts';
import { text, time } from './shapes.ts';

export const policySchema = z
  .strictObject({
    id: text,
    purposes: z.array(
      z.strictObject({
        purpose: text,
        minutes_max: z.int(),
        window_hours: z
          .int()
          .nullable()
          .openapi({ description: 'the first listen within it starts the clock; null: the approval starts it' }),
        extend_minutes: z.int().openapi({ description: 'of the one extension; 0: none' }),
        approvals: z.int(),
        other_team: z.boolean().openapi({ description: 'whether an approver shares no team with the requester' }),
        objects: z.array(text),
        bases: z.array(text),
        consent: z.enum(CONSENT_RULES).openapi({
          description: 'which consent counts: stated with the call, noticed by a tenant’s notice too, or any',
        }),
        roles: z.array(text),
        assignable: z
          .boolean()
          .openapi({ description: 'whether a lead may assign calls for it, where it needs one approval' }),
      }),
    ),
    scope: z.enum(['all', 'team']).openapi({
      description: 'what the caller sees: all recordings, or those of their teams’ queues and what they requested',
    }),
    escalate_hours: z
      .int()
      .nullable()
      .openapi({ description: 'hours in which only leads of the queue decide; null: any supervisor decides at once' }),
    request_hours: z.int().openapi({ description: 'an undecided request expires after this' }),
    uses: z.int().openapi({ description: 'listening sessions per grant' }),
    bulk: z.int().openapi({ description: 'how many requests one proof may decide' }),
  })
  .openapi('Policy');

const versionFields = {
  id: text,
  version: z.int().openapi({ description: 'counted from 1' }),
  created: time,
  in_force: z.boolean(),
  change: text.nullable().openapi({ description: 'the change that brought it; null for the first version' }),
  proposer_name: text.nullable(),
  decider_name: text.nullable(),
};

export const policyVersionSchema = z.strictObject(versionFields).openapi('PolicyVersion');

export const onePolicySchema = z
  .strictObject({
    ...versionFields,
    policy: policyShape,
    text: text.openapi({ description: 'the stored text of the version: the log names the SHA-256 of its UTF-8' }),
  })
  .openapi('OnePolicy');
