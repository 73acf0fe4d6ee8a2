// The part of the log's check that follows changes by two people: proposed, signed, approved, and what they did.
import { ACT_MS, CARRIED_OUT, gainersOf, isActOf } from './acts-by-two.ts';
import { type At, correctedTo, GRACE_MS } from './at.ts';
import { type Change, isAsProposed, isPending } from './change.ts';
import { linesOf } from './change-lines.ts';
import { copiesOf } from './copies.ts';
import type { Credentials } from './credentials.ts';
import type { Finding, FindingCode } from './finding.ts';
import type { LeafValue } from './leaf.ts';
import { needsTwoOf, type WhoConfirms } from './needs-two.ts';
import { isProof, type ProofCrypto, urlBase64Of } from './proof.ts';
import type { ReplayedVersions } from './replayed-versions.ts';

/** Who approves changes of a kind. */
const APPROVERS = ['admin', 'privacy'] as const;

export type Changes = {
  readonly check: (at: At) => void;
  readonly isApproved: (id: string) => boolean;
  /** What is wrong with a session on no grant: it is on a lease, or for the copies of an approved answer; null for nothing. */
  readonly faultOf: (at: At) => FindingCode | null;
  /** At the log's end: what was done on changes that never took effect, and is not what they say. */
  readonly unapplied: () => readonly Finding[];
};

/** What the check of changes needs: people, their passkeys, and where the caller has them signature checks. */
export type ChangeSettings = WhoConfirms & {
  readonly credentials: Credentials;
  readonly proofs: (ProofCrypto & { readonly url: string }) | undefined;
  readonly replayed: Pick<ReplayedVersions, 'has'>;
};

/**
 * A check that what needs two people names a change that both signed, and did what was proposed. Signatures are needed
 * from `log.adopted` or the first one of a change on, and an operator's of what their command proposed once the
 * deployment's log has an operator with a passkey; without signature checks they are not checked. In the deployment's log both are always needed.
 */
export function changesOf({ credentials, proofs, replayed, ...who }: ChangeSettings): Changes {
  const { isDeployment, people, operators } = who;
  const checkAlone = needsTwoOf(who);
  const changes = new Map<string, Change>();
  const leases = new Set<string>();
  const copies = copiesOf();
  let needsSignature = isDeployment;

  const propose = ({ leaf, hash, find }: At): void => {
    const { object, actor, seq } = leaf;
    if (changes.has(object.id)) find('repeated');
    const { effects, expires } = object;
    changes.set(object.id, {
      ...{ proposer: actor.id, byCommand: actor.auth === 'cli', kind: String(object['kind']), index: seq, hash },
      effects: effects === undefined ? null : String(effects),
      expires: expires === undefined ? null : Date.parse(String(expires)),
      ...{ state: 'open', approver: null, approved: 0, signed: null, signer: null, lines: [], acted: null },
    });
  };

  /** The keys of the actor's passkeys at this moment; null where they are in a log that the caller does not have. */
  const keysOf = ({ leaf: { actor, ts, object }, isNew, note }: At): readonly string[] | null => {
    if (actor.type !== 'operator') {
      const passkey = credentials.passkey(String(object['passkey']));
      // Of a passkey from before events had keys, its first use shows the key.
      if (passkey?.holder === actor.id && passkey.key === null && isNew) note('key_shown');
      if (passkey?.holder === actor.id) passkey.key ??= String(object['key']);
      return credentials.keysOf(actor.id);
    }
    if (operators === undefined) return null;
    const spans = operators.passkeys(actor.id);
    return spans.filter(({ since, until }) => since <= ts && (until === null || ts <= until)).map(({ key }) => key);
  };

  /** Whether a passkey of the actor signed the leaf of the proposal. */
  const isSigned = (at: At, { index, hash }: Change): boolean => {
    const { leaf, note } = at;
    if (proofs === undefined) return true;
    const keys = keysOf(at);
    if (keys === null) {
      note('operator_unchecked');
      return true;
    }
    const text = (name: string): string => String(leaf.object[name] ?? '');
    const [key, authenticator] = [text('key'), text('authenticator')];
    const assertion = { key, authenticator, client: text('client'), signature: text('signature') };
    const isOfProposal = leaf.object['of'] === index && keys.includes(key);
    return isOfProposal && isProof(assertion, urlBase64Of(hash), proofs.url, proofs);
  };

  /** The change that an event is about; a finding without one. */
  const named = (at: At, id: LeafValue): Change | null => {
    const change = changes.get(String(id)) ?? null;
    if (change === null) at.find('change_missing');
    return change;
  };

  /** Whether the actor is the proposer: of a command, the operator with its staff code, as far as the log says codes. */
  const isByProposer = ({ leaf: { actor }, note }: At, { proposer, byCommand }: Change): boolean => {
    if (!byCommand) return actor.id === proposer;
    if (actor.type !== 'operator' || actor.auth === 'cli') return false;
    const code = operators?.find(actor.id)?.code ?? null;
    if (code === null) note(operators === undefined ? 'operator_unchecked' : 'self_declared');
    return code === null || code === proposer;
  };

  const sign = (at: At): void => {
    const { object, actor } = at.leaf;
    needsSignature = true;
    const change = named(at, object.id);
    if (change === null) return;
    change.signed = isByProposer(at, change) && isSigned(at, change);
    change.signer = actor.id;
    if (!change.signed) at.find('change_signature');
  };

  /** Whether the actor may approve. An operator: what a command proposed, and no auditor, as far as the log says it. */
  const mayApprove = ({ leaf: { actor } }: At, { byCommand }: Change): boolean => {
    if (actor.type !== 'operator') return !isDeployment && people.hasRole(actor.id, ...APPROVERS);
    const isOperator = operators?.find(actor.id)?.roles?.has('operator') ?? !isDeployment;
    return byCommand && isOperator;
  };

  const approve = (at: At): void => {
    const { leaf, now, isNew, find, note } = at;
    const { object, actor } = leaf;
    const change = named(at, object.id);
    if (change === null) return;
    // Written so that a time that cannot be read is a finding.
    const isTimely = change.expires === null || now <= change.expires + GRACE_MS;
    if (change.state !== 'open' || !isTimely) find('approval_closed');
    // Sealed logs and signatures came in one version.
    if (object['signature'] !== undefined || isNew) needsSignature = true;
    // So did signatures of operators; changes of the deployment came later.
    const operatorSigns = isDeployment || (change.byCommand && isNew && operators?.hadPasskey(now - GRACE_MS) === true);
    const needsProposer = !change.byCommand || operatorSigns;
    const ownCommand = change.signer === actor.id || operators?.find(actor.id)?.code === change.proposer;
    if (people.share(actor.id, change.proposer) || (change.byCommand && ownCommand)) find('change_same_person');
    else if (!mayApprove(at, change)) find('approval_role');
    if (actor.auth !== 'sign-in') find('change_signature');
    else if (!needsSignature && !operatorSigns) note('change_unsigned');
    else if (!isSigned(at, change) || (change.signed === null && needsProposer)) find('change_signature');
    change.state = 'approved';
    change.approver = actor.id;
    change.approved = now;
  };

  // Versions before signatures had another digest of the effects; without SHA-256 there is none to compare.
  const differs = (change: Change): boolean => needsSignature && proofs !== undefined && !isAsProposed(change, proofs);

  const apply = (at: At): void => {
    const change = changes.get(at.leaf.object.id);
    if (change?.state !== 'approved') at.find('change_missing');
    else {
      if (differs(change)) {
        // What could no longer be released by then stays: the effects are fewer.
        if (change.kind === 'release') at.note('release_differs');
        else at.find('change_differs');
      }
      change.state = 'applied';
      change.lines = [];
    }
  };

  const close = ({ leaf, find }: At): void => {
    const change = changes.get(leaf.object.id);
    if (change === undefined) return;
    // Acts and `change.applied` are one transaction, but for a release; an answer that is begun is always applied.
    if (isPending(change)) find('change_differs');
    change.state = 'closed';
  };

  const actOn = ({ leaf, now, isNew, find }: At, change: Change): void => {
    const { kind, proposer, approver, approved, lines } = change;
    const isInTime = now <= approved + ACT_MS + GRACE_MS;
    if (CARRIED_OUT.has(kind) && !(isInTime && leaf.actor.id === proposer)) find('change_missing');
    // Later than that, an answer only says what it did not do.
    if (kind === 'answer' && leaf.action.startsWith('recording.') && !isInTime) find('change_missing');
    if (gainersOf(leaf).some((id) => people.share(String(approver), id))) find('change_same_person');
    // Without the digest of the team, the line says nothing of its members.
    if (isNew && leaf.action === 'team.changed' && leaf.object['sha256'] === undefined) find('change_differs');
    lines.push(...linesOf(leaf));
    change.acted = { seq: leaf.seq, id: leaf.object.id };
  };

  const act = (at: At): void => {
    const { action, object } = at.leaf;
    if (object['change'] === undefined) {
      if (replayed.has(at)) at.note('not_by_change');
      else checkAlone(at);
      return;
    }
    const change = named(at, object['change']);
    if (change?.state === 'open') at.find('change_missing');
    else if (change?.state === 'approved' && isActOf(change.kind, action)) actOn(at, change);
    else if (change !== null) at.find('change_differs');
  };

  const follow = new Map<string, (at: At) => void>([
    ['change.proposed', propose],
    ['change.signed', sign],
    ['change.approved', approve],
    ['change.applied', apply],
    ['change.refused', close],
    ['change.withdrawn', close],
    ['change.expired', close],
    ['lease.granted', ({ leaf }) => void leases.add(leaf.object.id)],
    ['lease.ended', ({ leaf }) => void leases.delete(leaf.object.id)],
  ]);
  const isApproved = (id: string): boolean => /^(approved|applied)$/.test(changes.get(id)?.state ?? '');
  return {
    isApproved,
    unapplied: () =>
      [...changes.values()].flatMap((change) =>
        // An answer may be half done where the log ends.
        change.acted !== null && change.kind !== 'answer' && isPending(change) && differs(change)
          ? [{ ...change.acted, code: 'change_differs' as const }]
          : [],
      ),
    faultOf: (at) => {
      const { object, actor } = at.leaf;
      const { change, lease, purpose } = object;
      if (lease !== undefined && leases.has(String(lease))) return null;
      const isAnswer = change !== undefined && changes.get(String(change))?.kind === 'answer';
      const makesCopies = purpose === 'subject-request' && people.hasRole(actor.id, 'privacy');
      if (!isAnswer || !makesCopies || !isApproved(String(change))) return 'session_unapproved';
      return copies.faultOf(at, String(change));
    },
    check: (at) => {
      const { action } = at.leaf;
      if (!action.startsWith('change.') && !action.startsWith('session.')) act(at);
      follow.get(action)?.(at);
      const to = correctedTo(at);
      if (to !== null) for (const change of changes.values()) change.approved = Math.min(change.approved, to);
      copies.check(at);
    },
  };
}
