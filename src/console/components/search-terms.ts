// What recordings are found by, as a form has it: names and texts, and the members that the API takes.

/** Names besides fields, with the most characters that the service accepts. */
export const TERM_LENGTHS = {
  ...{ number: 128, number_end: 4, agent: 128, queue: 128, ticket: 128, call_id: 255, interaction: 255 },
} as const;
export type TermName = keyof typeof TERM_LENGTHS;

const FIELD = 'field:';
const FIELD_LENGTH = 256;

export type Term = {
  /** Of the line in the form. */
  readonly key: number;
  readonly name: TermName | `${typeof FIELD}${string}`;
  readonly text: string;
};

/** The term of a field that the tenant searches by. */
export function fieldTerm(field: string): Term['name'] {
  return `${FIELD}${field}`;
}

/** The field's name; null for a term that is none. */
export function fieldOf(name: Term['name']): string | null {
  return name.startsWith(FIELD) ? name.slice(FIELD.length) : null;
}

/** The most characters of a term's text. */
export function lengthOf(name: Term['name']): number {
  return fieldOf(name) === null ? TERM_LENGTHS[name as TermName] : FIELD_LENGTH;
}

/** Whether each line has a text that its name can have. */
export function areTerms(terms: readonly Term[]): boolean {
  return terms.every(({ name, text }) => (name === 'number_end' ? /^\d{4}$/.test(text.trim()) : text.trim() !== ''));
}

/** The members of a search; no `fields` where there are none. */
export function searchOf(terms: readonly Term[]): {
  readonly [name in TermName]?: string;
} & { readonly fields?: Readonly<Record<string, string>> } {
  const plain = terms.filter(({ name }) => fieldOf(name) === null).map(({ name, text }) => [name, text.trim()]);
  const fields = terms.flatMap(({ name, text }) => {
    const field = fieldOf(name);
    return field === null ? [] : [[field, text.trim()]];
  });
  return { ...Object.fromEntries(plain), ...(fields.length === 0 ? {} : { fields: Object.fromEntries(fields) }) };
}
