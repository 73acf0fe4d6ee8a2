// What events mean: the parts of the log's check that follow people, access, changes, recordings and clocks, together.
import type { At } from './at.ts';
import { callListsOf } from './call-lists.ts';
import { changesOf } from './changes.ts';
import { clocksOf } from './clocks.ts';
import { copiedEventsOf } from './copied-events.ts';
import { credentialsOf } from './credentials.ts';
import { copiesOf, type DeploymentLog } from './deployment-copies.ts';
import { isAuditAction } from './event-catalogue.ts';
import type { Finding, Notice } from './finding.ts';
import { growthOf } from './growth.ts';
import { ingestKeyOrder } from './ingest-key-order.ts';
import { peopleOf } from './people.ts';
import { type PolicyBodies, policiesOf } from './policies.ts';
import { type ProofSettings, proofCheck } from './proof-check.ts';
import { purposesOf } from './purposes.ts';
import { replayedVersions } from './replayed-versions.ts';
import { requestsOf } from './requests.ts';
import { sessionsOf } from './sessions.ts';
import { subjectsOf } from './subjects.ts';

/** What the whole log shows at its end. */
type AtEnd = { readonly findings: readonly Finding[]; readonly notices: readonly Notice[] };

/**
 * What a caller has besides the events: the texts of the tenant's policies, and of a tenant's log the operators and copies of
 * links that the check of the deployment's log knew. What is missing is not checked.
 */
export type Besides = { readonly policies?: PolicyBodies; readonly deployment?: DeploymentLog };

/** The parts that follow what the events of the log with this name mean, and share what they know. */
export function meaningOf(
  name: string,
  report: (finding: Finding) => void,
  proofs: ProofSettings | undefined,
  { policies: bodies, deployment }: Besides,
) {
  const people = peopleOf(name, deployment);
  const isDeployment = name.endsWith('/deployment');
  const copies = copiesOf();
  const checkCopied = copiedEventsOf(name, deployment);
  const credentials = credentialsOf(name, deployment);
  const replayed = replayedVersions();
  const policies = policiesOf(replayed, bodies, proofs);
  let hasRecordings = (): boolean => false;
  const operators = isDeployment ? people.operators : deployment;
  const growth = growthOf();
  const who = { isDeployment, people, operators, growth, hasRecordings: () => hasRecordings() };
  const changes = changesOf({ credentials, proofs, replayed, ...who });
  const subjects = subjectsOf(changes);
  hasRecordings = subjects.hasRecordings;
  const checks = [callListsOf(), ingestKeyOrder()];
  const sessions = sessionsOf(changes);
  const purposes = purposesOf();
  const clocks = clocksOf(name, deployment);
  const requests = requestsOf(people, policies, sessions, proofs !== undefined);
  const proof = proofs === undefined ? undefined : proofCheck(name, proofs, { people, credentials, requests }, report);

  return {
    operators: {
      ...people.operators,
      linkCopy: copies.find,
      eventCopy: copies.findEvent,
      correction: copies.findCorrection,
    },
    check: (at: At): void => {
      const { action, outcome } = at.leaf;
      copies.learn(at);
      if (!isAuditAction(action)) at.note('unknown_action');
      if (outcome === 'ok') people.check(at);
      proof?.check(at);
      if (outcome !== 'ok') return;
      clocks.check(at);
      credentials.check(at);
      changes.check(at);
      checkCopied(at);
      growth.learn(at);
      policies.check(at);
      subjects.check(at);
      for (const check of checks) check(at);
      requests.check(at);
      sessions.check(at);
      purposes.check(at);
      people.learn(at);
      credentials.learn(at);
      replayed.learn(at);
    },
    atEnd: (now: number): AtEnd => {
      const { findings, notices } = sessions.unended(now);
      const unfinished = [...changes.unapplied(), ...findings, ...(proof?.unfinished() ?? [])];
      return { findings: unfinished, notices: [...notices, ...clocks.notices()] };
    },
  };
}
