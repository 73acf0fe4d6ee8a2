// What a schema finds wrong with a request, in sentences of the catalogue: none of the library's reaches a caller.
import type { z } from '@hono/zod-openapi';
import type { FieldError } from '../errors.ts';
import { validation as english } from '../messages/en/validation.ts';
import { validation as chinese } from '../messages/zh-CN/validation.ts';
import type { Language } from './language.ts';

type Sentence = keyof typeof english;
type Issue = z.core.$ZodIssue;
type Definition = z.core.$ZodTypes['_zod']['def'];

const SENTENCES = { en: english, 'zh-CN': chinese } as const;

/** A longer name is cut. */
const MAX_NAME = 64;

/** A sentence of the catalogue. */
export function sentenceOf(language: Language, sentence: Sentence, detail: unknown = ''): string {
  return SENTENCES[language][sentence].replace('{{detail}}', () => String(detail));
}

/** The invalid members of a value, each by its JSON pointer, with names that the caller sent and never with a value. */
export function schemaFaults(
  schema: z.core.$ZodType,
  value: unknown,
  issues: readonly Issue[],
  language: Language,
): readonly FieldError[] {
  return issues.flatMap((issue) => {
    const closest = closestOption(schema, issue);
    if (closest !== null) return schemaFaults(schema, value, closest, language);
    const at = (name?: string) => [...issue.path.map(String), ...(name === undefined ? [] : [name])];
    if (issue.code !== 'unrecognized_keys') {
      const detail = faultOf(issue, schema, memberAt(value, issue.path), language);
      return [{ pointer: pointerTo(at()), detail }];
    }
    const known = schemasAt(schema, issue.path).flatMap(namesOf).join(', ');
    const detail = sentenceOf(language, known === '' ? 'unknown' : 'unknown_of', known);
    return issue.keys.map((name) => ({ pointer: pointerTo(at(name.slice(0, MAX_NAME))), detail }));
  });
}

/** The issues of the option of a union with the fewest; null where a member names the option, or for another issue. */
function closestOption(schema: z.core.$ZodType, issue: Issue): readonly Issue[] | null {
  if (issue.code !== 'invalid_union' || discriminatorsOf(schema, issue.path).length > 0) return null;
  const [closest] = [...issue.errors].sort((a, b) => a.length - b.length);
  return closest?.map((one) => ({ ...one, path: [...issue.path, ...one.path] })) ?? null;
}

/** RFC 6901; empty for the whole value. */
function pointerTo(path: readonly string[]): string {
  return path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function memberAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[name] : undefined),
    value,
  );
}

const TYPES: Readonly<Record<string, Sentence>> = {
  object: 'object',
  record: 'object',
  array: 'list',
  string: 'text',
  number: 'number',
  int: 'whole_number',
  boolean: 'yes_or_no',
};

function faultOf(issue: Issue, schema: z.core.$ZodType, value: unknown, language: Language): string {
  const say = (sentence: Sentence, detail?: unknown) => sentenceOf(language, sentence, detail);
  if (isOurs(issue.message)) return ownSentence(issue.message, language);
  if (value === undefined && issue.path.length > 0) return say('required');
  switch (issue.code) {
    case 'invalid_type':
      return say(TYPES[issue.expected] ?? 'wrong_form');
    case 'invalid_value':
      return say(issue.values.length === 1 ? 'exactly' : 'one_of', issue.values.map(String).join(', '));
    case 'too_small':
      return say(LIMITS[kindOf(issue.origin)].small, issue.minimum);
    case 'too_big':
      return say(LIMITS[kindOf(issue.origin)].big, issue.maximum);
    case 'invalid_format':
      if (issue.format === 'date') return say('day');
      return say(issue.format === 'datetime' ? 'time' : 'wrong_form');
    case 'invalid_union': {
      const kinds = discriminatorsOf(schema, issue.path).join(', ');
      return kinds === '' ? say('wrong_form') : say('one_of', kinds);
    }
    case 'invalid_key':
      return say('wrong_name');
    case 'custom':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return say('wrong_form');
  }
}

const LIMITS = {
  number: { small: 'at_least', big: 'at_most' },
  text: { small: 'too_short', big: 'too_long' },
  members: { small: 'too_few', big: 'too_many' },
} as const;

function kindOf(origin: string): keyof typeof LIMITS {
  if (origin === 'string') return 'text';
  return origin === 'number' || origin === 'int' || origin === 'bigint' ? 'number' : 'members';
}

/** Whether a schema gives the message. The library's own begin with a capital letter. */
function isOurs(message: string): boolean {
  return !/^[A-Z]/.test(message);
}

/** A message that a schema gives: the key of a sentence, or a sentence. */
function ownSentence(message: string, language: Language): string {
  return Object.hasOwn(english, message) ? sentenceOf(language, message as Sentence) : message;
}

/** The schemas that can be at a path: several where a union is on the way. */
function schemasAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly z.core.$ZodType[] {
  const [name, ...rest] = path;
  const here = insideOf(schema);
  return name === undefined
    ? here
    : here.flatMap((one) => memberOf(one, String(name))).flatMap((one) => schemasAt(one, rest));
}

/** A schema without what wraps it; each option of a union. */
function insideOf(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = definitionOf(schema);
  if ('innerType' in def) return insideOf(def.innerType);
  if (def.type === 'pipe') return insideOf(def.in);
  return def.type === 'union' ? def.options.flatMap(insideOf) : [schema];
}

function memberOf(schema: z.core.$ZodType, name: string): readonly z.core.$ZodType[] {
  const def = definitionOf(schema);
  if (def.type === 'array') return [def.element];
  if (def.type === 'record') return [def.valueType];
  const member = def.type === 'object' && Object.hasOwn(def.shape, name) ? def.shape[name] : undefined;
  return member === undefined ? [] : [member];
}

function namesOf(schema: z.core.$ZodType): readonly string[] {
  const def = definitionOf(schema);
  return def.type === 'object' ? Object.keys(def.shape) : [];
}

/** The values that distinguish the options of a union, by the path of the member that has them. */
function discriminatorsOf(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  return schemasAt(schema, path).flatMap((one) => {
    const def = definitionOf(one);
    return def.type === 'literal' ? def.values.map(String) : [];
  });
}

function definitionOf(schema: z.core.$ZodType): Definition {
  return (schema as z.core.$ZodTypes)._zod.def;
}
