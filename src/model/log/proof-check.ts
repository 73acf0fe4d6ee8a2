// The part of the log's check that follows proofs by passkey: whose key signed which decisions, and what has no proof.
import type { AuditAction } from './event-catalogue.ts';
import type { Finding, FindingCode, Notice } from './finding.ts';
import { idTime, type Leaf } from './leaf.ts';
import {
  type DecisionValues,
  decisionValues,
  isProof,
  MOST_DECISIONS,
  PROOF_MS,
  type ProofCrypto,
  proofChallenge,
  proofText,
} from './proof.ts';

/** What a check of proofs needs besides the events: the address that passkeys belong to, and cryptography. */
export type ProofSettings = ProofCrypto & { readonly url: string };

type Passkey = { readonly principal: string; key: string | null; removed: boolean };

/** A proof whose decisions are being read: they follow it without an event between. */
type Open = { readonly given: Leaf; readonly decisions: DecisionValues[]; readonly at: Finding[]; fault: boolean };

const DECISIONS: ReadonlySet<string> = new Set(['access.approved', 'access.denied', 'access.assigned']);

/** Clocks of two processes differ by less; a transaction may wait before it writes. */
const GRACE_MS = 60_000;

/**
 * A check that every proof is an assertion by a passkey of its actor over exactly the decisions behind it, used once and
 * soon; that decisions in the browser have one, and new passkeys a proof by another or a sign-in by link. Needed from
 * the first event on that shows a version with proofs: `proof.given`, or `passkey.added` with a key. Takes every event.
 */
export function proofCheck(
  settings: ProofSettings,
  find: (finding: Finding) => void,
  notice: (notice: Notice) => void,
): (leaf: Leaf) => void {
  const passkeys = new Map<string, Passkey>();
  const requests = new Map<string, DecisionValues>();
  const byLink = new Set<string>();
  const used = new Set<string>();
  const first = new Set<string>();
  let needed = false;
  let open: Open | null = null;

  const hasPasskey = (person: string): boolean =>
    [...passkeys.values()].some(({ principal, removed }) => principal === person && !removed);

  const give = (leaf: Leaf): Open => {
    const { object, actor, ts } = leaf;
    const passkey = passkeys.get(String(object['passkey']));
    const key = String(object['key']);
    const age = Date.parse(ts) - idTime(object.id);
    const count = Number(object['decisions']);
    const own = passkey?.principal === actor.id && !passkey.removed && (passkey.key ?? key) === key;
    // Written so that a number that is none is a fault.
    const timely = age >= -GRACE_MS && age <= PROOF_MS + GRACE_MS && count >= 1 && count <= MOST_DECISIONS;
    // Of a passkey from before events had keys, its first proof shows the key.
    if (own) passkey.key ??= key;
    const fault = !own || !timely || used.has(object.id);
    used.add(object.id);
    return { given: leaf, decisions: [], at: [], fault };
  };

  const decide = (proof: Open, { action, object, actor, seq }: Leaf, code: FindingCode): Open | null => {
    const { object: given, actor: giver, log } = proof.given;
    const values = decisionValues(action, object);
    proof.decisions.push(values);
    proof.at.push({ seq, code, id: object.id });
    const asked = requests.get(object.id);
    const agrees = asked === undefined || asked.every((value, at) => values[at + 2] === value);
    if (!agrees || actor.id !== giver.id || actor.type !== giver.type || actor.auth !== giver.auth) proof.fault = true;
    if (proof.decisions.length < Number(given['decisions'])) return proof;
    const text = (name: string): string => String(given[name] ?? '');
    const [key, authenticator] = [text('key'), text('authenticator')];
    const assertion = { key, authenticator, client: text('client'), signature: text('signature') };
    const challenge = proofChallenge(proofText(log, given.id, proof.decisions), settings);
    if (proof.fault || !isProof(assertion, challenge, settings.url, settings)) for (const one of proof.at) find(one);
    return null;
  };

  /** A decision or a passkey without a proof. */
  const bare = ({ action, object, actor, outcome, seq }: Leaf): void => {
    if (action === 'passkey.added') {
      const firstByLink = !hasPasskey(actor.id) && byLink.has(String(object['sign_in']));
      if (object['key'] !== undefined && !firstByLink) find({ seq, code: 'credential_proof', id: object.id });
    } else if (action === 'access.assigned') {
      // No link and no API key assigns.
      if (outcome === 'ok') find({ seq, code: 'approval_proof', id: object.id });
    } else if (DECISIONS.has(action) && needed && outcome === 'ok' && actor.auth === 'sign-in') {
      if (first.has(actor.id) && !hasPasskey(actor.id)) notice({ seq, code: 'approval_link', id: object.id });
      else find({ seq, code: 'approval_proof', id: object.id });
    }
  };

  const learnt = new Map<AuditAction, (leaf: Leaf) => void>([
    [
      'tenant.created',
      ({ object }) => {
        for (const [name, value] of Object.entries(object))
          if (/^(admin|approver_\d+)$/.test(name)) first.add(String(value));
      },
    ],
    ['sign_in.opened', ({ object }) => void (object['method'] === 'link' && byLink.add(object.id))],
    [
      'access.requested',
      ({ object, actor }) =>
        void requests.set(object.id, [object['recording'] ?? '', actor.id, object['purpose'] ?? '']),
    ],
    [
      'passkey.added',
      ({ object }) => {
        const key = object['key'] === undefined ? null : String(object['key']);
        needed ||= key !== null;
        passkeys.set(object.id, { principal: String(object['principal']), key, removed: false });
      },
    ],
    [
      'passkey.removed',
      ({ object }) => {
        const passkey = passkeys.get(object.id);
        if (passkey !== undefined) passkey.removed = true;
      },
    ],
  ]);

  return (leaf) => {
    const { action, object, seq } = leaf;
    const proof = object['proof'];
    const code = action === 'passkey.added' ? 'credential_proof' : 'approval_proof';
    // A list that breaks off; a decision whose proof is not right before it.
    if (open !== null && proof !== open.given.object.id) {
      find({ seq, code: 'approval_proof', id: object.id });
      open = null;
    } else if (open === null && proof !== undefined) find({ seq, code, id: object.id });
    if (action === 'proof.given') {
      needed = true;
      open = give(leaf);
    } else if (open !== null) open = decide(open, leaf, code);
    else if (proof === undefined) bare(leaf);
    if (leaf.outcome === 'ok') learnt.get(action as AuditAction)?.(leaf);
  };
}
