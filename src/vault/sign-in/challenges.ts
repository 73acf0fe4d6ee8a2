// Challenges of passkeys: tokens under a MAC, of which nothing is stored before the answer (docs/decisions/0025).

import { randomBytes } from 'node:crypto';
import { hkdfExpand, info } from '../../bytes/derivation.ts';
import { equalBytes, sha256 } from '../../bytes/digest.ts';
import { hexOf } from '../../bytes/hex.ts';
import { VaultError } from '../../errors.ts';
import { addMilliseconds, CHALLENGE_KEPT_MS, CHALLENGE_MS, type ChallengeUse } from '../../model/sign-in.ts';
import { inBatches } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'challengeKey'>;

/** The options for the browser, and the token that its answer must carry. */
export type IssuedChallenge = { readonly id: string; readonly options: object };

/** A challenge whose token was issued by this deployment, for this use and this browser, and has not expired. */
export type VerifiedChallenge = { readonly id: string; readonly expires: string; readonly value: string };

const ID_BYTES = 16;
const TIME_BYTES = 6;
const MAC_BYTES = 32;
/** Without padding and unused bits, so that each token has exactly one spelling. */
const TOKEN = /^[A-Za-z0-9_-]{72}$/;

/** A random value for a browser's cookie; a sign-in challenge is bound to it. */
export function newBrowserBinding(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Issues a challenge and returns the options that `ask` makes of its value. `boundTo` is the sign-in session that may
 * answer it or, before there is one, the value of the browser's cookie. Reads and writes no row.
 */
export async function issueChallenge(
  vault: Deps,
  use: ChallengeUse,
  boundTo: string,
  ask: (value: string) => Promise<object>,
  request: RequestContext,
): Promise<IssuedChallenge> {
  const key = await vault.challengeKey(request);
  const head = Buffer.alloc(ID_BYTES + TIME_BYTES);
  randomBytes(ID_BYTES).copy(head);
  head.writeUIntBE(vault.clock.now() + CHALLENGE_MS, ID_BYTES, TIME_BYTES);
  const token = Buffer.concat([head, macOf(key, use, boundTo, head)]).toString('base64url');
  return { id: token, options: await ask(signedValueOf(token)) };
}

/**
 * Verifies a token and returns its challenge, before any row is read or written. Throws `sign_in_refused` where its MAC
 * is wrong, it was issued for another use or browser, or it has expired.
 */
export async function verifyChallenge(
  vault: Deps,
  use: ChallengeUse,
  boundTo: string,
  token: string,
  request: RequestContext,
): Promise<VerifiedChallenge> {
  const key = await vault.challengeKey(request);
  const bytes = TOKEN.test(token) ? Buffer.from(token, 'base64url') : Buffer.alloc(ID_BYTES + TIME_BYTES + MAC_BYTES);
  const head = bytes.subarray(0, ID_BYTES + TIME_BYTES);
  const authentic = equalBytes(macOf(key, use, boundTo, head), bytes.subarray(ID_BYTES + TIME_BYTES));
  const expires = head.readUIntBE(ID_BYTES, TIME_BYTES);
  if (!authentic || boundTo === '' || expires <= vault.clock.now()) throw challengeEnded();
  const id = head.subarray(0, ID_BYTES).toString('base64url');
  return { id, expires: new Date(expires).toISOString(), value: signedValueOf(token) };
}

/**
 * Redeems a challenge; `also` writes further notes with it. False where the challenge was answered before, has expired
 * by the database's time, or `also` returns false.
 */
export async function redeemChallenge(
  { db }: Pick<Vault, 'db'>,
  { id, expires }: VerifiedChallenge,
  also: (notes: Parameters<Parameters<Vault['db']['note']>[0]>[0], now: string) => Promise<boolean>,
  request: RequestContext,
): Promise<boolean> {
  const now = await db.read((rows) => rows.now(), request);
  if (expires <= now) return false;
  return db.note(async (notes) => (await notes.signIns.answered(id, expires)) && also(notes, now), request);
}

/** Throws `sign_in_refused` where the challenge was answered before. */
export async function requireRedeemed(
  vault: Pick<Vault, 'db'>,
  challenge: VerifiedChallenge,
  request: RequestContext,
): Promise<void> {
  if (!(await redeemChallenge(vault, challenge, () => Promise.resolve(true), request))) throw challengeEnded();
}

/**
 * Deletes answered challenges that have expired in every process, and returns how many. Clocks of processes may differ:
 * a row outlives its challenge by an hour.
 */
export async function forgetChallenges(vault: Pick<Vault, 'db'>, request: RequestContext): Promise<number> {
  const now = await vault.db.read((rows) => rows.now(), request);
  const expired = addMilliseconds(now, -CHALLENGE_KEPT_MS);
  return inBatches((limit) => vault.db.note((notes) => notes.signIns.forget(expired, limit), request));
}

function challengeEnded(): VaultError {
  return new VaultError('sign_in_refused', 'the challenge has expired or was used: ask for another one');
}

function macOf(key: Uint8Array, use: ChallengeUse, boundTo: string, head: Uint8Array): Buffer {
  const fields = ['callvault/challenge-mac@v1', use, boundTo, hexOf(head)];
  return hkdfExpand(key, info(...fields), MAC_BYTES);
}

/**
 * The value for the authenticator to sign: a hash of the whole token with expiry and MAC. A thief of the key could
 * issue tokens, but none whose value an existing assertion has signed.
 */
function signedValueOf(token: string): string {
  return sha256(info('callvault/challenge@v1', token)).toString('base64url');
}
