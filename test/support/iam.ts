// An evaluation of IAM policies as AWS documents it, with the operators of our templates: a matching Deny wins.

export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export type Statement = {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | { readonly AWS: string | readonly string[] };
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Condition;
};

export type Policy = { readonly Version: string; readonly Statement: readonly Statement[] };

/** A request: its principal (for policies of a key or bucket), action, resource and condition keys. */
export type IamRequest = {
  readonly principal?: string;
  readonly action: string;
  readonly resource: string;
  /** A key with several values has a list; a key that the request lacks is absent. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
};

export type Verdict = 'allowed' | 'denied' | 'not allowed';

/**
 * Whether this policy alone allows the request. Throws for an unknown operator, and if an operator for one value meets a key
 * with a list: AWS leaves the meaning of that open.
 */
export function verdict(policy: Policy, request: IamRequest): Verdict {
  const matching = policy.Statement.filter((statement) => applies(statement, request));
  if (matching.some(({ Effect }) => Effect === 'Deny')) return 'denied';
  return matching.length > 0 ? 'allowed' : 'not allowed';
}

/** One or several values, as a list. */
export function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function applies(statement: Statement, request: IamRequest): boolean {
  const { Principal, Action, Resource, Condition = {} } = statement;
  const isMeant =
    Principal === undefined || Principal === '*' || listOf(Principal.AWS).includes(request.principal ?? 'nobody');
  return (
    isMeant &&
    listOf(Action).some((pattern) => isLike(request.action, pattern)) &&
    listOf(Resource).some((pattern) => isLike(request.resource, pattern)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, request.context[key], listOf(values))),
    )
  );
}

function holds(operator: string, value: string | readonly string[] | undefined, values: readonly string[]): boolean {
  if (operator === 'Null') return values.includes(String(value === undefined));
  const [, set, plain = operator] = /^(ForAllValues|ForAnyValue):(.*)$/.exec(operator) ?? [];
  // ForAllValues holds for an empty set, ForAnyValue does not.
  const have = value === undefined ? [] : listOf(value);
  if (set === 'ForAllValues') return have.every((one) => holdsOne(plain, one, values));
  if (set === 'ForAnyValue') return have.some((one) => holdsOne(plain, one, values));
  if (value !== undefined && typeof value !== 'string') throw new Error(`${operator} is for one value`);
  return holdsOne(operator, value, values);
}

function holdsOne(operator: string, value: string | undefined, values: readonly string[]): boolean {
  switch (operator) {
    case 'StringEquals':
    case 'Bool':
      return value !== undefined && values.includes(value);
    case 'StringNotEquals':
      // An absent key is not equal to any value.
      return value === undefined || !values.includes(value);
    case 'StringLike':
      return value !== undefined && values.some((pattern) => isLike(value, pattern));
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}

/** A pattern: `*` matches any text, slashes too; `?` matches one character. */
function isLike(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
