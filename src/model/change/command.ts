// What a dangerous command does itself once another person approved it: the change fixes its parameters and its ids.

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

export type CommandBody = LinkBody | ApiKeyBody;

/** The principal that gains by it: none of its humans approves. */
export function gainerOf(body: CommandBody): string {
  switch (body.kind) {
    case 'link':
      return body.person;
    case 'api_key':
      return body.principal;
  }
}

/** The names of the facts that say what a command will do. */
export const FACT_NAMES = ['person', 'principal', 'minutes', 'replace_passkeys', 'days', 'scopes'] as const;
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
  }
}
