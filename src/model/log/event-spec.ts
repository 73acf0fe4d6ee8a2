// How an entry of the event catalogue is written, and the types that follow from it.

/**
 * What a member holds: an opaque id, or several with commas; a name of the format or configuration (an object, a key's
 * id); a code, or several with commas; a code of the model with its own texts; a number, also of a unit; a UTC time;
 * SHA-256 in hex; bytes in base64; words that people wrote, in a sealed detail only. A list: one of these codes.
 */
export type MemberKind =
  | ('id' | 'ids' | 'name' | 'code' | 'codes' | 'purpose' | 'objects' | 'roles')
  | ('number' | 'seconds' | 'milliseconds' | 'time' | 'sha256' | 'base64' | 'text')
  | readonly string[];

/** Members by name. `name?` is optional; `name_#` means `name_1`, `name_2` and so on. */
export type MemberSpec = { readonly [name: string]: MemberKind };

/**
 * An entry of the catalogue. `log`: a tenant's, the deployment's, `both` (one event in each), `either`: the one of what a
 * change is about, or `own`: the tenant's of whom it is about, which for operators is the deployment's. `subject`: the `type` of the event's object; of several the
 * call says which. `members`: what the object has beside type and id. `detail`: what is sealed beside the leaf.
 * `counted`: of events that repeat, the first in a window of so many seconds is written.
 */
export type EventSpec = {
  readonly log: 'tenant' | 'deployment' | 'both' | 'either' | 'own';
  readonly subject: string | readonly string[];
  readonly members?: MemberSpec;
  readonly detail?: MemberSpec;
  readonly counted?: number;
};

type ValueOf<K> = K extends readonly (infer Code)[]
  ? Code
  : K extends 'number' | 'seconds' | 'milliseconds'
    ? number
    : string;

type NameOf<N> = N extends `${infer Stem}#` ? `${Stem}${number}` : N;

/** The members that a specification asks for. */
export type MembersOf<M> = {
  readonly [N in keyof M as N extends `${string}?` ? never : NameOf<N>]: ValueOf<M[N]>;
} & {
  readonly [N in keyof M as N extends `${infer Name}?` ? NameOf<Name> : never]?: ValueOf<M[N]>;
};

/** What `entry` has under `name`; no members where it has none. */
export type PartOf<E, Name extends string> = E extends { readonly [_ in Name]: infer M } ? M : Record<never, never>;

type KeysOf<T> = T extends unknown ? keyof T : never;

/** Nothing but what `Allowed` has: a member more, also one that was spread in, does not compile. */
export type Exactly<Given, Allowed> = { readonly [Name in Exclude<KeysOf<Given>, keyof Allowed>]?: never };
