// Which operations of the API's document take what recordings are found by: numbers, digits, call ids, fields.

type Node = Readonly<Record<string, unknown>>;
type Operation = {
  readonly 'x-looks-up'?: string;
  readonly parameters?: readonly { readonly name: string }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> };
};
export type LookupDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Node>> };
};

/** Members that carry them; rules of retention name fields. */
const MEMBERS = ['number', 'numbers', 'number_end', 'call_id', 'callId', 'fields', 'rules'];

/** A list of calls has them in its lines. */
const TYPES = ['text/csv'];

/** Every operation by its name, and what it declares. */
export function declaredLookups(document: LookupDocument): ReadonlyMap<string, string | undefined> {
  return new Map(operations(document).map(({ name, operation }) => [name, operation['x-looks-up']]));
}

/**
 * The operations that do not say whether they look recordings up: with such a member in path, query or body, at any depth,
 * and changes below an operation that looks up and keeps what it was sent.
 */
export function undeclaredLookups(document: LookupDocument): string[] {
  const all = operations(document);
  const keeping = all.filter(({ operation }) => operation['x-looks-up'] === 'budget').map(({ path }) => `${path}/{`);
  return all
    .filter(({ operation }) => operation['x-looks-up'] === undefined)
    .filter(
      ({ path, method, operation }) =>
        takes(document, operation) || (method !== 'get' && keeping.some((start) => path.startsWith(start))),
    )
    .map(({ name }) => name);
}

function operations({ paths }: LookupDocument) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ path, method, operation, name: `${method.toUpperCase()} ${path}` },
    })),
  );
}

function takes(document: LookupDocument, { parameters = [], requestBody = {} }: Operation): boolean {
  const named = parameters.some(({ name }) => MEMBERS.includes(name));
  const { content = {} } = requestBody;
  const listed = Object.keys(content).some((type) => TYPES.includes(type));
  return named || listed || Object.values(content).some(({ schema }) => has(document, schema, new Set()));
}

/** Whether a schema has such a member: its properties, those of its parts, and those of what it refers to. */
function has(document: LookupDocument, node: unknown, seen: Set<unknown>): boolean {
  if (typeof node !== 'object' || node === null || seen.has(node)) return false;
  seen.add(node);
  const { $ref, properties = {} } = node as Node;
  const named = typeof $ref === 'string' ? document.components?.schemas?.[$ref.split('/').at(-1) ?? ''] : undefined;
  if (Object.keys(properties as Node).some((name) => MEMBERS.includes(name))) return true;
  return [named, ...Object.values(node)].some((part) => has(document, part, seen));
}
