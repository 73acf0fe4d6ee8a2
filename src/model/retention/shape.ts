// The shape of retention rules, which is also their published JSON Schema: what can be set, within which bounds.
import { z } from 'zod';
import { fieldNameProblem } from '../fact-forms.ts';
import { isVisibleLine } from '../visible-text.ts';
import { type AttributeName, attributeProblem, isAttribute, normalAttribute } from './attributes.ts';
import { isPeriod, PERIOD_FORM } from './period.ts';

/** Maximum size of a version of the rules, in bytes of canonical JSON. */
export const MAX_RETENTION_BYTES = 24_576;
/** Maximum number of rules in each list, and of texts for one attribute. */
export const MAX_RULES = 64;
export const MAX_TEXTS = 100;
/** Maximum length of a rule's name and of its clause, in UTF-16 code units. */
const MAX_NAME = 128;
const MAX_LAW = 256;

/** A text that people read before they approve it: nothing in it is hidden. */
function line(most: number, description: string) {
  return z
    .string()
    .max(most)
    .refine(isVisibleLine, 'must be one line of visible text')
    .meta({ minLength: 1, description });
}

function period(description: string) {
  return z
    .string()
    .refine(isPeriod, `must be ${PERIOD_FORM}`)
    .meta({ pattern: '^P[1-9][0-9]{0,4}[DMY]$', description: `${description}: ${PERIOD_FORM}` });
}

const conditionShape = z
  .record(
    z.string().refine(isAttribute),
    z.array(z.string()).min(1).max(MAX_TEXTS).meta({ description: 'texts of which a recording must have one' }),
  )
  .superRefine((when, context) => {
    for (const [name, texts] of Object.entries(when) as [AttributeName, string[]][]) {
      const problems = texts.map((text) => attributeProblem(name, text));
      for (const [n, message] of problems.entries())
        if (message !== null) context.addIssue({ code: 'custom', path: [name, n], message });
      const different = new Set(texts.map((text) => normalAttribute(name, text)));
      if (different.size < texts.length && problems.every((one) => one === null))
        context.addIssue({ code: 'custom', path: [name], message: 'names something twice' });
    }
  })
  .meta({
    propertyNames: { pattern: '^(queue|source|direction|language|sensitivity|basis|field:[a-z][a-z0-9-]{0,31})$' },
    description: 'for each attribute the texts of which a recording must have one, in any spelling; {}: all recordings',
  });

const members = {
  id: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z 0-9 -')
    .meta({ description: 'once in both lists' }),
  name: line(MAX_NAME, 'what people call the rule'),
  when: conditionShape,
  from: z
    .string()
    .refine((text) => text === 'call' || isEvent(text), 'must be call, or event: and the name of an event')
    .meta({ pattern: '^(call|event:[a-z][a-z0-9-]{0,31})$', description: 'where the period begins' }),
  most: period('how long after the call while the event is not reported; absent: for ever').optional(),
};

type Draft = { readonly from: string; readonly for: string; readonly most?: string | undefined };

/** A member that would do nothing is a mistake: it would promise what nothing enforces. */
const together = z.superRefine<Draft>((rule, context) => {
  const fault = (member: string, message: string) => context.addIssue({ code: 'custom', path: [member], message });
  if (rule.for === 'never' && rule.from !== 'call') fault('from', 'must be call where the rule never erases');
  if (rule.from === 'call' && rule.most !== undefined) fault('most', 'is for a rule from an event only');
});

const keepShape = z
  .strictObject({
    ...members,
    law: line(MAX_LAW, 'the clause that demands it'),
    for: period('how long recordings that match must be kept'),
  })
  .check(together);

const eraseShape = z
  .strictObject({
    ...members,
    for: z
      .string()
      .refine((text) => text === 'never' || isPeriod(text), `must be never, or ${PERIOD_FORM}`)
      .meta({
        pattern: '^(never|P[1-9][0-9]{0,4}[DMY])$',
        description: 'after how long recordings that match are erased',
      }),
  })
  .check(together);

/** Retention rules as a person writes them: texts in any spelling. */
export const rulesShape = z.strictObject({
  v: z.literal(1),
  grace: period('how long a recording still stays that becomes due earlier than before'),
  keep: z.array(keepShape).max(MAX_RULES).meta({ description: 'all that match count, and the longest wins' }),
  erase: z
    .array(eraseShape)
    .min(1)
    .max(MAX_RULES)
    .meta({ description: 'the first that matches counts; the last has an empty `when` and matches all recordings' }),
});

/** The JSON Schema of retention rules (draft 2020-12). */
export function retentionJsonSchema(): object {
  return { title: 'callvault retention rules', ...z.toJSONSchema(rulesShape) };
}

/** Whether a text is `event:` and a name that facts can have in `events`. */
function isEvent(text: string): boolean {
  return text.startsWith('event:') && fieldNameProblem(text.slice('event:'.length)) === null;
}
