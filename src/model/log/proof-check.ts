// The part of the log's check that follows proofs by passkey: whose key signed which decisions, and what has no proof.
import { type At, GRACE_MS } from './at.ts';
import type { Credentials } from './credentials.ts';
import type { Finding, FindingCode } from './finding.ts';
import { idTime, type Leaf } from './leaf.ts';
import type { People } from './people.ts';
import {
  decisionValues,
  isProof,
  MOST_DECISIONS,
  PROOF_MS,
  type ProofCrypto,
  type ProofVersion,
  proofChallenge,
  proofText,
} from './proof.ts';
import type { Requests } from './requests.ts';

/** What a check of proofs needs besides the events: the address that passkeys belong to, and cryptography. */
export type ProofSettings = ProofCrypto & { readonly url: string };

/** A proof whose decisions are being read: they follow it without an event between. */
type Open = { readonly given: Leaf; readonly decided: Leaf[]; readonly at: Finding[]; fault: boolean };

const DECISIONS: ReadonlySet<string> = new Set(['access.approved', 'access.denied', 'access.assigned']);

/** What other parts of the check know. They learn from an event after its proof is checked. */
type Known = { readonly people: People; readonly credentials: Credentials; readonly requests: Requests };

export type ProofCheck = {
  readonly check: (at: At) => void;
  /** A proof that the log ends in: what it covers is not signed. */
  readonly unfinished: () => readonly Finding[];
};

/**
 * A check that in the log of this name every proof is an assertion by a passkey of its actor over exactly the decisions behind it, used once and
 * soon; that decisions in the browser have one, and new passkeys a proof by another or a sign-in by link. Needed from
 * the first event on that shows a version with proofs: `proof.given`, or `passkey.added` with a key. After the first
 * valid proof over a text of version 2, one over a text of version 1 is none. Takes every event.
 */
export function proofCheck(
  name: string,
  settings: ProofSettings,
  { people, credentials, requests }: Known,
  find: (finding: Finding) => void,
): ProofCheck {
  const used = new Set<string>();
  let needed = false;
  let oldest: ProofVersion = 1;
  let open: Open | null = null;

  const give = ({ leaf, isNew, note }: At): Open => {
    const { object, actor, ts } = leaf;
    const passkey = credentials.passkey(String(object['passkey']));
    const key = String(object['key']);
    const age = Date.parse(ts) - idTime(object.id);
    const count = Number(object['decisions']);
    const own = passkey?.holder === actor.id && (passkey.key ?? key) === key;
    // Written so that a number that is none is a fault.
    const timely = age >= -GRACE_MS && age <= PROOF_MS + GRACE_MS && count >= 1 && count <= MOST_DECISIONS;
    // Of a passkey from before events had keys, its first proof shows the key.
    if (own && passkey.key === null && isNew) note('key_shown');
    if (own) passkey.key ??= key;
    const fault = !own || !timely || used.has(object.id);
    used.add(object.id);
    return { given: leaf, decided: [], at: [], fault };
  };

  const isSigned = ({ given: { object: given }, decided }: Open, version: ProofVersion): boolean => {
    const text = (member: string): string => String(given[member] ?? '');
    const [key, authenticator] = [text('key'), text('authenticator')];
    const assertion = { key, authenticator, client: text('client'), signature: text('signature') };
    const values = decided.map(({ action, object }) => decisionValues(action, object, version));
    const challenge = proofChallenge(proofText(name, given.id, values, version), settings);
    return isProof(assertion, challenge, settings.url, settings);
  };

  /** Whether a proof is one over what was decided: an older text does not have all that an event may say today. */
  const isValid = (proof: Open): boolean => {
    if (proof.fault) return false;
    if (isSigned(proof, 2)) {
      oldest = 2;
      return true;
    }
    const isOlder = oldest === 1 && proof.decided.every(({ object }) => object['extension'] === undefined);
    return isOlder && isSigned(proof, 1);
  };

  const decide = (proof: Open, leaf: Leaf, code: FindingCode): Open | null => {
    const { object, actor, seq } = leaf;
    const { object: given, actor: giver } = proof.given;
    proof.decided.push(leaf);
    proof.at.push({ seq, code, id: object.id });
    const asked = requests.open(object.id);
    const agrees =
      asked === null ||
      (object['recording'] === asked.recording &&
        object['person'] === asked.requester &&
        (object['purpose'] ?? '') === (asked.purpose ?? ''));
    if (!agrees || actor.id !== giver.id || actor.type !== giver.type || actor.auth !== giver.auth) proof.fault = true;
    if (proof.decided.length < Number(given['decisions'])) return proof;
    if (!isValid(proof)) for (const one of proof.at) find(one);
    return null;
  };

  /** A decision or a passkey without a proof. */
  const bare = (at: At): void => {
    const { leaf, now, isNew, find: report, note } = at;
    const { action, object, actor, outcome } = leaf;
    if (action === 'passkey.added') {
      const signIn = String(object['sign_in']);
      // Older events need not name the key, nor a sign-in: the first proof by the passkey shows its key.
      const isKnown = !isNew || (object['key'] !== undefined && credentials.isOwnSignIn(signIn, actor.id, now));
      const isFirstByLink = isKnown && !credentials.hasPasskey(actor.id) && credentials.confirmsFirst(signIn, at);
      if (!isFirstByLink && (isNew || object['key'] !== undefined)) report('credential_proof');
    } else if (outcome !== 'ok' || !DECISIONS.has(action)) return;
    else if (actor.auth === 'api-key') {
      // No link and no API key assigns.
      if (action === 'access.assigned') report('approval_proof');
      else note('by_key');
    } else if (action === 'access.assigned' && !needed) report('approval_proof');
    else if (needed && actor.auth === 'sign-in') {
      const isFirst = people.find(actor.id)?.first === true && !credentials.hasPasskey(actor.id);
      if (action !== 'access.assigned' && isFirst && credentials.isJustLinked(actor.id, now)) note('approval_link');
      else report('approval_proof');
    }
  };

  return {
    check: (at) => {
      const { leaf } = at;
      const { action, object } = leaf;
      const proof = object['proof'];
      const code = action === 'passkey.added' ? 'credential_proof' : 'approval_proof';
      // A list that breaks off; a decision whose proof is not right before it.
      if (open !== null && proof !== open.given.object.id) {
        at.find('approval_proof');
        open = null;
      } else if (open === null && proof !== undefined) at.find(code);
      if (action === 'passkey.added') needed ||= object['key'] !== undefined;
      if (action === 'proof.given') {
        needed = true;
        open = give(at);
      } else if (open !== null) open = decide(open, leaf, code);
      else if (proof === undefined) bare(at);
    },
    unfinished: () =>
      open === null ? [] : [{ seq: open.given.seq, code: 'approval_proof', id: open.given.object.id }],
  };
}
