// The bodies of proposals, by kind: settings, people, a team, a release, a policy, retention rules, expiry, a lift.

import { z } from '@hono/zod-openapi';
import { MAX_NOTE } from '../../model/change/body.ts';
import { MAX_UNRESTRICTED } from '../../model/change/lift.ts';
import { MAX_PEOPLE } from '../../model/change/people.ts';
import { MAX_RELEASED } from '../../model/change/release.ts';
import { MAX_COVERED } from '../../model/hold.ts';
import { policyShape } from '../../model/policy/shape.ts';
import { MAX_MEMBERS, MAX_QUEUES } from '../../model/team/team.ts';
import { readableText } from '../readable-text.ts';
import { settingsSchema } from './changes.ts';
import { personRow } from './people-rows.ts';
import { recordingId } from './shapes.ts';

/** The reason for a proposal or a rejection: 3 characters at least. */
export const noteText = readableText(z.string().trim().min(3).max(MAX_NOTE));
const settingsBody = z.strictObject({
  kind: z.literal('settings'),
  note: noteText,
  settings: settingsSchema.partial(),
});
const peopleBody = z.strictObject({
  kind: z.literal('people'),
  note: noteText,
  people: z.array(personRow).min(1).max(MAX_PEOPLE),
});
const queueName = readableText(z.string().trim().min(1).max(128));
const teamBody = z.strictObject({
  kind: z.literal('team'),
  note: noteText,
  team: z.string().max(64).optional().openapi({ description: 'id of the team to change; default: a new one' }),
  name: readableText(z.string().trim().min(1).max(200)),
  members: z.array(z.string().max(64)).max(MAX_MEMBERS),
  leads: z.array(z.string().max(64)).max(MAX_MEMBERS).default([]),
  queues: z
    .array(queueName.nullable())
    .max(MAX_QUEUES)
    .openapi({ description: 'names of queues; null for calls without one' }),
});
const releaseBody = z.strictObject({
  kind: z.literal('release'),
  note: noteText,
  depositor: z.string().max(64).openapi({ description: 'id of the service that deposits these calls from then on' }),
  recordings: z
    .array(z.string().max(64))
    .min(1)
    .max(MAX_RELEASED)
    .optional()
    .openapi({ description: 'default: all that were rebuilt' }),
});
const policyBody = z.strictObject({
  kind: z.literal('policy'),
  note: noteText,
  base: z.string().max(64).openapi({ description: 'id of the version that it was made from: the one in force' }),
  policy: policyShape,
});
const retentionBody = z.strictObject({
  kind: z.literal('retention'),
  note: noteText,
  base: z
    .string()
    .max(64)
    .nullable()
    .openapi({ description: 'id of the version that they were made from: the one in force; null for the first' }),
  rules: z.looseObject({}).openapi({ description: 'the rules, whole, as `GET /v1/retention/schema` says' }),
});
const resumeBody = z.strictObject({ kind: z.literal('resume'), note: noteText });
const liftBody = z
  .strictObject({
    kind: z.literal('lift'),
    note: noteText,
    hold: z.string().max(64).optional().openapi({ description: 'id of the legal hold to lift' }),
    restrictions: z
      .array(recordingId)
      .min(1)
      .max(MAX_UNRESTRICTED)
      .optional()
      .openapi({ description: 'instead of a hold: recordings whose restrictions end' }),
    recordings: z
      .array(recordingId)
      .min(1)
      .max(MAX_COVERED)
      .optional()
      .openapi({ description: 'that leave the hold; default: all, and the hold ends' }),
  })
  .refine(
    ({ hold, recordings, restrictions }) =>
      (hold === undefined) !== (restrictions === undefined) && (restrictions === undefined || recordings === undefined),
    {
      path: ['hold'],
      message: 'hold_or_restrictions',
    },
  );
/** The browser's answer to the options for signing a change. */
const signed = z.looseObject({}).openapi({ description: 'the passkey’s signature of exactly this change, as JSON' });
export const signatureBody = z.strictObject({ response: signed });
/** Optional, so that an approval without one gets the ordered checks. */
export const approvalBody = z.strictObject({ response: signed.optional() });

/** What may be proposed, by its kind. */
export const proposalBody = z.discriminatedUnion('kind', [
  settingsBody,
  peopleBody,
  teamBody,
  releaseBody,
  policyBody,
  retentionBody,
  resumeBody,
  liftBody,
]);
