// Schemas of corrections of a recording's facts.
import { z } from '@hono/zod-openapi';
import { MAX_CORRECTION_REASON } from '../../model/corrections.ts';
import { state, text, time } from './shapes.ts';

type Type = 'string' | 'object' | 'null';

const orNull = (type: Type, description: string) => ({ type: [type, 'null'] as Type[], description });
const PRIVACY = 'privacy only';

/** Facts that people may correct; `readCorrection` validates them. */
export const correctionProperties = {
  reason: {
    type: 'string' as const,
    minLength: 1,
    maxLength: MAX_CORRECTION_REASON,
    description: 'sealed beside the event',
  },
  agent: orNull('string', 'up to 128 characters, as queue and ticket; null removes a fact'),
  queue: orNull('string', ''),
  ticket: orNull('string', ''),
  language: orNull('string', 'BCP 47'),
  fields: orNull('object', 'texts by name, at most 32; null removes one'),
  numbers: orNull('object', `from and to; ${PRIVACY}`),
  notes: orNull('string', PRIVACY),
  direction: orNull('string', `inbound, outbound or internal; ${PRIVACY}`),
  sensitivity: orNull('string', `normal or sensitive; ${PRIVACY}`),
  basis: {
    type: 'object' as const,
    description: `kind, at, language, evidence, notice, channel, offset_ms, separate; ${PRIVACY}`,
  },
  events: orNull('object', `times by name; ${PRIVACY}`),
  retain_until: { type: 'string' as const, format: 'date-time', description: `only later than before; ${PRIVACY}` },
} satisfies Record<string, object>;

export const correctedSchema = z.strictObject({ id: text, state }).openapi('Corrected');

const factValue = z.union([text, z.looseObject({}), z.array(z.looseObject({}))]).nullable();

export const changeSchema = z
  .strictObject({
    n: z.int().nullable().openapi({ description: 'of the entry; null before the first deposit' }),
    at: time.nullable(),
    as_of: time.nullable().openapi({ description: 'since when it is true, where a platform said so' }),
    by: z.strictObject({ id: text, name: text.nullable() }),
    reason: text.nullable().openapi({ description: 'of a person’s correction' }),
    facts: z.array(z.strictObject({ fact: text, before: factValue.optional(), after: factValue.optional() })).openapi({
      description:
        'old and new value; null: absent. Numbers are masked. `before` is missing where it is not known, both where they are not shown.',
    }),
  })
  .openapi('RecordingChange');
