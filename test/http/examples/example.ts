// One request of each operation, by its operationId: what it needs is made first, and then it succeeds.
import { newId } from '../../../src/bytes/ids.ts';
import type { Browser } from '../../support/browser.ts';
import { type SteppingUp, withPasskey } from '../../support/changes.ts';
import { wav } from '../../support/wav.ts';
import type { KeyHolder, RequestOptions, World } from '../../support/world.ts';
import { wishFor } from '../keyed.ts';

/** A request that succeeds, once. */
export type Example = {
  readonly by: KeyHolder | Browser;
  readonly path: string;
  readonly sent?: RequestOptions;
  /** Another JSON body, where the operation has one: not what the same Idempotency-Key was for. */
  readonly other?: object;
  /** Events that a POST writes, if not one. */
  readonly events?: number;
  /** Further requests of the caller, which reach other branches. */
  readonly also?: readonly Pick<Example, 'path' | 'sent'>[];
};

/** Examples by operationId. Each makes what it needs in a world of a tenant with a signing key. */
export type Examples = Readonly<Record<string, (world: World) => Promise<Example>>>;

/** Sends an example with further headers. */
export function send(
  world: World,
  method: string,
  { by, path, sent = {} }: Pick<Example, 'by' | 'path' | 'sent'>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const all = { ...sent, headers: { ...sent.headers, ...headers } };
  return 'cookies' in by ? by.call(method, path, all) : world.call(method, path, { ...all, key: by.key });
}

/** A new person, without a read so far: further ones within minutes only raise a count. */
export function newcomer({ person, harbour }: World, role: string): Promise<KeyHolder> {
  return person(harbour.tenant, [role]);
}

/** Someone new with a passkey, signed in and just confirmed. */
export async function newcomerWithPasskey(world: World, role: string): Promise<SteppingUp> {
  return withPasskey(world, world.harbour.tenant, (await newcomer(world, role)).id);
}

/** The reply's body. Throws for an error. */
export async function bodyOf<T = { readonly id: string }>(sent: Promise<Response>): Promise<T> {
  const reply = await sent;
  if (reply.status >= 300) throw new Error(`an example’s preparation: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as T;
}

/** A new recording of a second. */
export function deposited(world: World, facts: Readonly<Record<string, string>> = {}): Promise<string> {
  return world.deposited(world.harbour, newId('rec'), wav(1000), facts);
}

/** A reviewer's open request for a new recording. */
export async function requested(world: World): Promise<string> {
  const json = wishFor(await deposited(world));
  return (await bodyOf(world.call('POST', '/v1/access-requests', { key: world.harbour.reviewer.key, json }))).id;
}

/** A reviewer's grant on a new recording. */
export async function granted(world: World, wish: object = {}, recording?: string): Promise<string> {
  return world.grant(world.harbour, recording ?? (await deposited(world)), { ...wish });
}
