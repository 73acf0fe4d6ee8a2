// An evaluation of IAM policies as AWS documents it: a matching Deny wins. With principals, which the double does not have.
import { type Conditions, holds, isLike, type RequestKeys } from './double/iam/conditions.ts';

export type Statement = {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | { readonly AWS: string | readonly string[] };
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Conditions;
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
    holds(Condition, keysFor(Condition, request))
  );
}

/** The request's condition keys as lists. Throws if a condition for one value meets a key with a list. */
function keysFor(conditions: Conditions, { context }: IamRequest): RequestKeys {
  for (const [operator, keys] of Object.entries(conditions)) {
    if (/^(ForAllValues|ForAnyValue):|^Null$/.test(operator)) continue;
    const list = Object.keys(keys).find((key) => Array.isArray(context[key]));
    if (list !== undefined) throw new Error(`${operator} is for one value, ${list} has a list`);
  }
  return Object.fromEntries(Object.entries(context).map(([key, value]) => [key, listOf(value)]));
}
