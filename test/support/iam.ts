// Evaluates IAM policies as AWS documents it, for the operators that our templates use: a Deny that matches wins.

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

/** Who asks (for policies of a key or bucket), what for, of what, and the condition keys of the request. */
export type IamRequest = {
  readonly principal?: string;
  readonly action: string;
  readonly resource: string;
  /** A key with several values has a list; a key that the request does not have is absent. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
};

export type Verdict = 'allowed' | 'denied' | 'not allowed';

/**
 * What the policy says alone. Throws for an operator that it does not know, and where an operator for one value is asked
 * about a key that has a list: AWS leaves open what that means.
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
  // Every value of an empty set fits, and none of it does.
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
      // A key that is not there is not equal.
      return value === undefined || !values.includes(value);
    case 'StringLike':
      return value !== undefined && values.some((pattern) => isLike(value, pattern));
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}

/** `*` stands for any text, slashes too; `?` for one character. */
function isLike(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
