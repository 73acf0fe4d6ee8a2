// Schemas of decisions on access requests: what is decided, the proof over it, and what came of each.
import { z } from '@hono/zod-openapi';
import type { Narrowing } from '../../model/approved-scope.ts';
import type { DecisionInput } from '../../model/decision-input.ts';
import { withoutUndefined } from '../../model/facts.ts';
import { MOST_DECISIONS } from '../../model/log/proof.ts';
import type { GivenProof } from '../../vault/core/proofs/given-proof.ts';
import { readableText } from '../readable-text.ts';
import { text, time } from './shapes.ts';

export const noteText = readableText(z.string().trim().min(3).max(500));

export const objectNames = z
  .array(z.enum(['audio', 'transcript']))
  .min(1)
  .max(2);

/** A token of `/v1/access-requests/decide/options`, and the browser's answer, from WebAuthn's `toJSON`. */
export const proofSchema = z
  .strictObject({ challenge_id: z.string().min(1).max(128), response: z.looseObject({}) })
  .openapi({ description: 'the passkey’s confirmation of exactly this' });

export const narrowing = {
  minutes: z.number().int().min(1).max(10_000).optional(),
  objects: objectNames.optional(),
  opens_until: z.iso.datetime().optional().openapi({ description: 'the latest first listen' }),
  extend: z.boolean().optional().openapi({ description: 'false: the holder cannot extend the grant' }),
};

const decision = z.strictObject({
  request: z.string(),
  decision: z.enum(['approve', 'deny']),
  ...narrowing,
});
const decisions = z.array(decision).min(1).max(MOST_DECISIONS);

export const openDecisionsBody = z.strictObject({ decisions });
export const decideBody = z.strictObject({
  decisions,
  reason: noteText.optional().openapi({ description: 'of all denials: each requester sees it' }),
  proof: proofSchema.optional(),
});

const refusal = z.strictObject({ request: text, code: text.openapi({ description: 'of the first failed check' }) });

export const openedDecisionsSchema = z
  .strictObject({
    challenge_id: text,
    options: z.looseObject({ challenge: text }).openapi({ description: 'WebAuthn level 3, as JSON' }),
    decisions: z
      .array(
        z.strictObject({
          request: text,
          decision: z.enum(['approve', 'deny']),
          minutes: z.int().optional(),
          objects: z.array(text).optional(),
          opens_until: time.optional(),
          extend: z.boolean().optional(),
        }),
      )
      .openapi({ description: 'what the passkey signs, in this order: send it unchanged' }),
    refused: z.array(refusal).openapi({ description: 'decisions that are not possible now, and are not signed' }),
  })
  .openapi('OpenedDecisions');

export const decidedSchema = z
  .strictObject({
    data: z.array(
      z.strictObject({
        request: text,
        outcome: z.enum(['approved', 'denied', 'refused']),
        code: text.nullable().openapi({ description: 'of the first failed check; null where none failed' }),
        grant: text.nullable().openapi({ description: 'null unless this approval was the last one needed' }),
      }),
    ),
  })
  .openapi('Decided');

/** The limits of an approval, as its request compares: absent members left out, objects sorted and each once. */
export function narrowingIn({ minutes, objects, opens_until: until, extend }: NarrowingBody): Narrowing {
  return withoutUndefined({
    minutes,
    objects: objects === undefined ? undefined : [...new Set(objects)].sort(),
    opensUntil: until === undefined ? undefined : new Date(until).toISOString(),
    extend,
  });
}

/**
 * The part of a decision that a repetition has too: the options set another end of the window for each proof.
 */
export function repeatedPart<D extends Narrowing>(decision: D, proof: unknown): D | Omit<D, 'opensUntil'> {
  if (proof === undefined) return decision;
  const { opensUntil: _, ...rest } = decision;
  return rest;
}

/** A decision as its signer sends it. */
export function decisionToJson({ request, decision, minutes, objects, opensUntil, extend }: DecisionInput) {
  return withoutUndefined({ request, decision, minutes, objects, opens_until: opensUntil, extend });
}

/** A proof for the vault. It is no part of a request's meaning: after a lost reply it is given again. */
export function proofIn(proof: z.infer<typeof proofSchema> | undefined): { readonly proof?: GivenProof } {
  return proof === undefined ? {} : { proof: { token: proof.challenge_id, answer: proof.response } };
}

type NarrowingBody = {
  readonly minutes?: number | undefined;
  readonly objects?: readonly string[] | undefined;
  readonly opens_until?: string | undefined;
  readonly extend?: boolean | undefined;
};
