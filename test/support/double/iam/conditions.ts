// The condition operators of IAM that the project's policies use; any other operator throws and is never skipped.

/** Condition keys of a request, each with its values; a key that the request lacks is absent. */
export type RequestKeys = Readonly<Record<string, readonly string[]>>;

/** Operator → condition key → value or values. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

type Match = (have: string, want: string) => boolean;

const MATCHES: Readonly<Record<string, Match>> = {
  StringEquals: (have, want) => have === want,
  StringEqualsIgnoreCase: (have, want) => have.toLowerCase() === want.toLowerCase(),
  StringLike: (have, want) => isLike(have, want),
  ArnEquals: (have, want) => isLike(have, want),
  ArnLike: (have, want) => isLike(have, want),
  Bool: (have, want) => have === want.toLowerCase(),
  NumericEquals: (have, want) => Number(have) === Number(want),
  NumericLessThan: (have, want) => Number(have) < Number(want),
  NumericLessThanEquals: (have, want) => Number(have) <= Number(want),
  NumericGreaterThan: (have, want) => Number(have) > Number(want),
  NumericGreaterThanEquals: (have, want) => Number(have) >= Number(want),
};

type Operator = {
  readonly set: string | undefined;
  readonly match: Match | 'Null';
  readonly not: boolean;
  readonly ifExists: boolean;
};

/** Whether `text` matches a pattern with `*` and `?`. */
export function isLike(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Throws if the name is no operator of this file. */
export function readOperator(name: string): Operator {
  const [, set, rest = '', ifExists] = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  const plain = rest.replace('Not', '');
  const match = plain === 'Null' ? 'Null' : MATCHES[plain];
  if (match === undefined) throw new Error(`unknown condition operator ${name}`);
  return { set, match, not: plain !== rest, ifExists: ifExists !== undefined };
}

/** Whether every condition holds (keys and operators are joined by AND, values by OR). */
export function holds(conditions: Conditions, keys: RequestKeys): boolean {
  return Object.entries(conditions).every(([name, wanted]) => {
    const operator = readOperator(name);
    return Object.entries(wanted).every(([key, values]) => {
      return matchesCondition(operator, findKey(keys, key), typeof values === 'string' ? [values] : values);
    });
  });
}

/** Names of condition keys are case-insensitive, except the part after `kms:EncryptionContext:`. */
function findKey(keys: RequestKeys, name: string): readonly string[] | undefined {
  if (keys[name] !== undefined) return keys[name];
  if (name.toLowerCase().startsWith('kms:encryptioncontext:')) return undefined;
  return Object.entries(keys).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

function matchesCondition(
  { set, match, not, ifExists }: Operator,
  have: readonly string[] | undefined,
  want: readonly string[],
) {
  if (match === 'Null') return want.includes(String(have === undefined));
  if (have === undefined) return ifExists || set === 'ForAllValues' || (set === undefined && not);
  const fits = (value: string) => want.some((wanted) => match(value, wanted)) !== not;
  return set === 'ForAnyValue' ? have.some(fits) : have.every(fits);
}
