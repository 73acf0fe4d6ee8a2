// What a dangerous command does itself once another person approved it: the change fixes its parameters and its ids.
import type { EraseReason } from '../erasure.ts';

/** A sign-in link for a person, who may lose their passkeys by it. */
export type LinkBody = {
  readonly v: 1;
  readonly kind: 'link';
  readonly link: string;
  readonly person: string;
  readonly minutes: number;
  readonly replace_passkeys: boolean;
};

/** An API key of a person or a service. */
export type ApiKeyBody = {
  readonly v: 1;
  readonly kind: 'api_key';
  readonly key: string;
  readonly principal: string;
  readonly days: number;
  readonly scopes: readonly string[];
};

/** A service that does more than upload, and the people who answer for it. */
export type ServiceBody = {
  readonly v: 1;
  readonly kind: 'service';
  readonly service: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly owners: readonly string[];
};

/** Recordings to erase, ascending. */
export type EraseBody = {
  readonly v: 1;
  readonly kind: 'erase';
  readonly reason: EraseReason;
  readonly recordings: readonly string[];
};

/** Maximum number of recordings that one change erases: in one transaction. */
export const MAX_ERASED = 100;

/** What is done to a tenant's key: another key, or the end of older generations. `wrap`: the generation from then on. */
export type KeyBody = {
  readonly v: 1;
  readonly kind: 'key';
  readonly how: 'new-key' | 'given-key' | 'retire';
  readonly wrap: number;
  /** The key that is named; null for a new one, and where generations end. */
  readonly key: string | null;
};

/** A person of the deployment, by staff code. */
export type OperatorBody = {
  readonly v: 1;
  readonly kind: 'operator';
  readonly person: string;
  readonly code: string;
  readonly role: string;
};

/** A tenant's log to bring back from its segments. `keys`: SHA-256 in hex of older keys that signed some of them. */
export type RestoreBody = {
  readonly v: 1;
  readonly kind: 'restore';
  readonly log: string;
  readonly keys: readonly string[];
  /** The size of a checkpoint whose last events are accepted as lost; null where none are. */
  readonly lost: number | null;
};

/**
 * A tenant's rows to make from the store. The three facts are for a tenant without a row, else null. `sha256`: of all that the
 * operator says of the tenant, also its name, and of the keys that count.
 */
export type RebuildBody = {
  readonly v: 1;
  readonly kind: 'rebuild';
  readonly tenant: string;
  readonly keys: readonly string[];
  readonly minimum_wrap: number;
  readonly country: string | null;
  readonly default_basis: string | null;
  readonly approver_age_hours: number | null;
  readonly sha256: string;
};

/** A log that is ahead of the clock: the time of its newest event, and how many of its recordings were erased since. */
export type AheadLog = { readonly log: string; readonly from: string; readonly erased: number };

/**
 * What time it is, as two people say. `clock`: the service's, when this was proposed. `correct`: logs that a wrong clock put
 * ahead. `confirm`: a node's clock, long after the newest time that a trusted process recorded.
 */
export type ClockBody =
  | {
      readonly v: 1;
      readonly kind: 'clock';
      readonly how: 'correct';
      readonly clock: string;
      readonly logs: readonly AheadLog[];
    }
  | {
      readonly v: 1;
      readonly kind: 'clock';
      readonly how: 'confirm';
      readonly clock: string;
      readonly node: string;
      readonly newest: string;
    };

export type CommandBody =
  | (LinkBody | ApiKeyBody | ServiceBody | EraseBody | KeyBody)
  | (OperatorBody | RestoreBody | RebuildBody | ClockBody);

/** The principals that gain by it: none of their humans approves. A new service's are its owners. */
export function gainersOf(body: CommandBody): readonly string[] {
  switch (body.kind) {
    case 'link':
      return [body.person];
    case 'api_key':
      return [body.principal];
    case 'service':
      return body.owners;
    case 'erase':
    case 'key':
    case 'operator':
    case 'restore':
    case 'rebuild':
    case 'clock':
      return [];
  }
}

/** The names of the facts that say what a command will do. */
export const FACT_NAMES = [
  ...(['person', 'principal', 'minutes', 'replace_passkeys', 'days', 'scopes', 'name', 'roles', 'owners'] as const),
  ...(['reason', 'recordings', 'how', 'generation', 'key'] as const),
  ...(['code', 'role', 'tenant', 'keys', 'minimum_wrap', 'lost'] as const),
  ...(['country', 'default_basis', 'approver_age_hours'] as const),
  ...(['clock', 'logs', 'erased', 'node', 'newest'] as const),
] as const;
export type FactName = (typeof FACT_NAMES)[number];

/** A parameter of a command, for the person who confirms it. */
export type CommandFact = {
  readonly name: FactName;
  readonly value: string | number | boolean | readonly string[];
};

/** What a command will do, fact by fact. */
export function commandFacts(body: CommandBody): CommandFact[] {
  switch (body.kind) {
    case 'link':
      return [
        { name: 'person', value: body.person },
        { name: 'minutes', value: body.minutes },
        { name: 'replace_passkeys', value: body.replace_passkeys },
      ];
    case 'api_key':
      return [
        { name: 'principal', value: body.principal },
        { name: 'days', value: body.days },
        { name: 'scopes', value: body.scopes },
      ];
    case 'service':
      return [
        { name: 'name', value: body.name },
        { name: 'roles', value: body.roles },
        { name: 'owners', value: body.owners },
      ];
    case 'erase':
      return [
        { name: 'reason', value: body.reason },
        { name: 'recordings', value: body.recordings },
      ];
    case 'key':
      return [
        { name: 'how', value: body.how },
        { name: 'generation', value: body.wrap },
        ...(body.key === null ? [] : [{ name: 'key', value: body.key } as const]),
      ];
    case 'operator':
      return [
        { name: 'code', value: body.code },
        { name: 'role', value: body.role },
      ];
    case 'restore':
      return [
        { name: 'tenant', value: body.log },
        ...(body.keys.length === 0 ? [] : [{ name: 'keys', value: body.keys } as const]),
        ...(body.lost === null ? [] : [{ name: 'lost', value: body.lost } as const]),
      ];
    case 'rebuild':
      return [
        { name: 'tenant', value: body.tenant },
        { name: 'keys', value: body.keys },
        { name: 'minimum_wrap', value: body.minimum_wrap },
        ...(['country', 'default_basis', 'approver_age_hours'] as const).flatMap((name) => {
          const value = body[name];
          return value === null ? [] : [{ name, value }];
        }),
      ];
    case 'clock':
      return [{ name: 'how', value: body.how }, { name: 'clock', value: body.clock }, ...clockFacts(body)];
  }
}

function clockFacts(body: ClockBody): CommandFact[] {
  if (body.how === 'confirm')
    return [
      { name: 'node', value: body.node },
      { name: 'newest', value: body.newest },
    ];
  return [
    { name: 'logs', value: body.logs.map(({ log, from }) => `${log} ${from}`) },
    { name: 'erased', value: body.logs.reduce((sum, { erased }) => sum + erased, 0) },
  ];
}
