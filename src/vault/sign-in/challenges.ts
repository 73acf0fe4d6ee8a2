// Challenges of passkeys: drawn for one use and one session, taken once.
import { newRequestId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import { CHALLENGE_MS, type ChallengeUse, later } from '../../model/sign-in.ts';
import type { Asked, Passkeys } from '../../ports/passkeys.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

/** What a browser is asked, and the id its answer comes back with. */
export type Challenged = { readonly id: string; readonly options: object };

/** Anybody may ask for a challenge to sign in: so many wait at most. A flood shortens how long each waits, and blocks nobody. */
const MOST_WAITING = 10_000;

/** The passkeys of this deployment. Throws `not_available` where it names no address for browsers. */
export function passkeysIn({ passkeys }: Pick<Vault, 'passkeys'>): Passkeys {
  if (passkeys !== null) return passkeys;
  throw new VaultError('not_available', 'there are no passkeys here: CALLVAULT_URL is not set');
}

/** Keeps the challenge of what was asked. `signIn` is empty where nobody is signed in. */
export async function keepChallenge(
  vault: Pick<Vault, 'db'>,
  use: ChallengeUse,
  signIn: string,
  { challenge, options }: Asked,
  request: Request,
): Promise<Challenged> {
  const id = newRequestId();
  const now = await vault.db.read((rows) => rows.now(), request);
  const row = { id, use, signIn, value: challenge, expires: later(now, CHALLENGE_MS) };
  await vault.db.note((notes) => notes.signIns.challenge(row, MOST_WAITING), request);
  return { id, options };
}

/** Takes the challenge away and returns its value. Throws `sign_in_refused` where it is not there for this use. */
export async function takeChallenge(
  vault: Pick<Vault, 'db'>,
  use: ChallengeUse,
  signIn: string,
  id: string,
  request: Request,
): Promise<string> {
  const now = await vault.db.read((rows) => rows.now(), request);
  const value = await vault.db.note((notes) => notes.signIns.take(id, use, signIn, now), request);
  if (value === null) throw new VaultError('sign_in_refused', 'the challenge is over; ask for another one');
  return value;
}

/** Forgets challenges that nobody answered. Returns how many. */
export async function forgetChallenges(vault: Pick<Vault, 'db'>, request: Request): Promise<number> {
  const now = await vault.db.read((rows) => rows.now(), request);
  return vault.db.note((notes) => notes.signIns.forget(now), request);
}
