// People of the demo who decide with a passkey: signed in over HTTP, with a passkey in software.
import { createAuthenticator } from './authenticator.ts';
import { browserOver } from './browser.ts';
import { type Decider, type DemoWorld, expectThat, memberAt, replyOf, request, textAt } from './world.ts';

/** Signs a person in by the secret of a one-time link, and adds a passkey. */
export async function signIn(world: DemoWorld, secret: string): Promise<Decider> {
  const url = world.environment['CALLVAULT_URL'];
  expectThat(url !== undefined, 'the demo has no address for browsers');
  const passkey = createAuthenticator(url);
  const person = { browser: browserOver((method, path, sent) => request(world, method, path, sent ?? {})), passkey };
  await postAs(world, person, '/v1/sign-in/link', { secret });
  const { challenge, options } = await challengeFor(world, person, '/v1/passkeys/options');
  const response = passkey.make(options);
  await postAs(world, person, '/v1/passkeys', { challenge_id: challenge, response, label: 'demo' });
  return person;
}

/** Proposes a change and signs it with the passkey. Returns its id. */
export async function proposeChange(world: DemoWorld, person: Decider, json: object): Promise<string> {
  const id = textAt(await postAs(world, person, '/v1/changes', json), 'id');
  await signChange(world, person, id, 'sign');
  return id;
}

/** Approves a change with the passkey, which signs exactly this change. */
export function approveChange(world: DemoWorld, person: Decider, change: string): Promise<void> {
  return signChange(world, person, change, 'approve');
}

/** Signs a change with the passkey, as its proposer or to approve it. */
export async function signChange(
  world: DemoWorld,
  person: Decider,
  change: string,
  verb: 'sign' | 'approve',
): Promise<void> {
  const opened = await postAs(world, person, `/v1/changes/${change}/options`);
  const response = person.passkey.prove(memberAt(opened, 'options') as object);
  await postAs(world, person, `/v1/changes/${change}/${verb}`, { response });
}

/**
 * Signs what `path` decides with the passkey and sends it: the reply of `path/options` has the list of this name as the
 * passkey signs it. `unsigned`: what the passkey does not sign. Returns the body of the reply.
 */
export async function decideWithPasskey(
  world: DemoWorld,
  person: Decider,
  path: string,
  { list, signed, unsigned = {} }: { readonly list: string; readonly signed: object; readonly unsigned?: object },
): Promise<unknown> {
  const opened = await postAs(world, person, `${path}/options`, signed);
  const proof = {
    challenge_id: textAt(opened, 'challenge_id'),
    response: person.passkey.prove(memberAt(opened, 'options') as object),
  };
  return postAs(world, person, path, { ...signed, ...unsigned, [list]: memberAt(opened, list), proof });
}

async function challengeFor(world: DemoWorld, person: Decider, path: string) {
  const body = await postAs(world, person, path);
  return { challenge: textAt(body, 'challenge_id'), options: memberAt(body, 'options') as object };
}

/** Sends a request of this person, which must succeed. Returns the body of the reply. */
export async function postAs(world: DemoWorld, { browser }: Decider, path: string, json?: object): Promise<unknown> {
  const reply = await replyOf(world, await browser.call('POST', path, json === undefined ? {} : { json }));
  const code = memberAt(reply.body, 'code');
  expectThat(reply.status < 300, `${path}: ${reply.status} ${typeof code === 'string' ? code : ''}`);
  return reply.body;
}
