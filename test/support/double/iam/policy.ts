// Policies in IAM's JSON. A caller without a policy may do everything that is not denied to every caller.
import { ACCOUNT, partitionOf, serviceError } from '../call.ts';
import { type Conditions, holds, isLike, type RequestKeys, readOperator } from './conditions.ts';

type Names = string | readonly string[];

export type Statement = {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: Names;
  readonly NotAction?: Names;
  readonly Resource?: Names;
  readonly NotResource?: Names;
  readonly Condition?: Conditions;
};

/** Policies by access key id, and the statements that deny every caller. */
export type Policies = {
  readonly policies: ReadonlyMap<string, readonly Statement[]>;
  readonly denied: readonly Statement[];
};

export type PolicyDocument = { readonly Version?: string; readonly Statement: Statement | readonly Statement[] };

/** One permission that a call needs. */
export type RequiredPermission = { readonly action: string; readonly resource: string; readonly keys: RequestKeys };

export type Caller = { readonly caller: string; readonly region: string; readonly service: 's3' | 'kms' };

const MEMBERS = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/** The statements of an identity's policy. Throws for elements that the double does not support. */
export function readPolicy(document: PolicyDocument): readonly Statement[] {
  const statements = [document.Statement].flat();
  for (const statement of statements) {
    const unknown = Object.keys(statement).filter((member) => !MEMBERS.includes(member));
    if (unknown.length > 0) throw new Error(`a statement has ${unknown.join(', ')}`);
    if (!['Allow', 'Deny'].includes(statement.Effect)) throw new Error(`a statement has no effect`);
    if ((statement.Action === undefined) === (statement.NotAction === undefined)) throw new Error('no or two actions');
    if ((statement.Resource === undefined) === (statement.NotResource === undefined)) {
      throw new Error('no or two resources');
    }
    for (const operator of Object.keys(statement.Condition ?? {})) readOperator(operator);
  }
  return statements;
}

function named(names: Names, name: string): boolean {
  return [names].flat().some((pattern) => isLike(name, pattern));
}

function applies(statement: Statement, { action, resource, keys }: RequiredPermission): boolean {
  const { Action, NotAction, Resource, NotResource, Condition } = statement;
  const lower = (names: Names) => [names].flat().map((name) => name.toLowerCase());
  const byAction =
    Action === undefined
      ? !named(lower(NotAction ?? []), action.toLowerCase())
      : named(lower(Action), action.toLowerCase());
  const byResource = Resource === undefined ? !named(NotResource ?? [], resource) : named(Resource, resource);
  return byAction && byResource && holds(Condition ?? {}, keys);
}

/** The reason of a denial, in IAM's words, or null if the call is allowed. */
export function denialReason(
  world: Policies,
  { caller }: Pick<Caller, 'caller'>,
  need: RequiredPermission,
): string | null {
  const own = world.policies.get(caller);
  const all = [...(own ?? []), ...world.denied];
  if (all.some((statement) => statement.Effect === 'Deny' && applies(statement, need))) {
    return 'with an explicit deny in an identity-based policy';
  }
  const allowed =
    own === undefined || own.some((statement) => statement.Effect === 'Allow' && applies(statement, need));
  return allowed ? null : `because no identity-based policy allows the ${need.action} action`;
}

/** Throws the service's error if the caller may not make the call. */
export function authorize(world: Policies, by: Caller, needs: readonly RequiredPermission[]): void {
  for (const need of needs) {
    const why = denialReason(world, by, need);
    if (why !== null) throw denial(by, need, why);
  }
}

/** The error of a denied call. */
export function denial(by: Caller, { action, resource }: RequiredPermission, why: string): Error {
  const user = `arn:${partitionOf(by.region)}:iam::${ACCOUNT}:user/${by.caller}`;
  const what = by.service === 's3' ? `"${resource}"` : resource;
  const message = `User: ${user} is not authorized to perform: ${action} on resource: ${what} ${why}`;
  return by.service === 's3'
    ? serviceError(403, 'AccessDenied', message)
    : serviceError(400, 'AccessDeniedException', message);
}
