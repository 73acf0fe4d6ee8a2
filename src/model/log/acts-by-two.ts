// Which events need a change that two people signed, and which belong to a change of a kind.
import { type Leaf, listed } from './leaf.ts';

/** What two people do: without a change, a finding where a second one could confirm. */
export const BY_TWO: ReadonlySet<string> = new Set([
  ...['person.added', 'person.changed', 'team.changed', 'tenant.changed', 'policy.changed', 'recording.released'],
  ...['retention.changed', 'expiry.resumed', 'hold.lifted', 'recording.unrestricted', 'lease.granted'],
  ...['subject.doing', 'subject.refused', 'subject.stayed', 'subject.copies'],
]);

/** What a command does only by two people, on a tenant: without a change a finding, as above, by any actor. */
const COMMANDS_BY_TWO: ReadonlySet<string> = new Set([
  ...['sign_in.link_made', 'api_key.created', 'service.added'],
  ...['recording.erasing', 'key.rotated', 'key.retired'],
]);

/** What is done to the deployment only by two people, and written to its log. */
const OF_DEPLOYMENT: ReadonlySet<string> = new Set([
  ...['operator.added', 'sign_in.link_made', 'log.restored', 'vault.rebuilding'],
  ...['clock.corrected', 'clock.confirmed'],
]);

/** Of a tenant's acts that need two people, the deployment's log has copies. */
const COPIED: ReadonlySet<string> = new Set(['key.rotated', 'key.retired']);

/** What should name a change, and where older versions and exempt ways name none: a notice. */
export const DANGEROUS: ReadonlySet<string> = new Set([
  ...['service.added', 'operator.added', 'sign_in.link_made', 'api_key.created', 'key.rotated', 'key.retired'],
  ...['recording.erasing', 'signer.added', 'log.restored', 'vault.rebuilt', 'tenant.rebuilt'],
]);

/** The acts of a change, by its kind. A kind of a later version may have any: its digest says which. */
const ACTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['settings', ['tenant.changed', 'policy.changed']],
  ['policy', ['policy.changed']],
  ['people', ['person.added', 'person.changed']],
  ['team', ['team.changed']],
  ['release', ['recording.released']],
  ['link', ['sign_in.link_made']],
  ['api_key', ['api_key.created']],
  ['service', ['service.added']],
  ['erase', ['recording.erasing']],
  ['key', ['key.rotated', 'key.retired']],
  ['operator', ['operator.added']],
  ['restore', ['log.restored']],
  ['rebuild', ['vault.rebuilding']],
  ['clock', ['clock.corrected', 'clock.confirmed']],
  ['retention', ['retention.changed']],
  ['resume', ['expiry.resumed']],
  ['lift', ['hold.lifted', 'recording.unrestricted']],
  ['lease', ['lease.granted']],
  [
    'answer',
    [
      ...['subject.doing', 'subject.stayed', 'subject.refused', 'subject.copies'],
      ...['recording.erasing', 'recording.amended'],
    ],
  ],
]);

/** Whether an act belongs to a change of this kind. */
export function isActOf(kind: string, action: string): boolean {
  return ACTS.get(kind)?.includes(action) ?? true;
}

/** Kinds that the command itself carries out after the approval; the others the approver applies, or background work. */
export const CARRIED_OUT: ReadonlySet<string> = new Set([
  ...['link', 'api_key', 'service', 'erase', 'key', 'operator', 'restore', 'rebuild', 'clock'],
]);

/** For how long after its approval a command may carry a change out. */
export const ACT_MS = 86_400_000;

/** Who gains by an act, by id: who is added or changed, for whom a credential is, who answers for a service, and who makes copies. */
export function gainersOf({ action, object }: Leaf): readonly string[] {
  const person = action === 'person.added' || action === 'person.changed' ? [object.id] : [];
  const owners = action === 'service.added' ? listed(object['owners']) : [];
  const officer = action === 'subject.copies' ? listed(object['officer']) : [];
  return [...person, ...owners, ...officer, ...listed(object['principal'])];
}

/**
 * Whether it is what a command does on a tenant, by two people. An erasure that a rule causes is none: its rule came by
 * two people.
 */
export function isCommand({ action, object }: Leaf): boolean {
  return COMMANDS_BY_TWO.has(action) && !(action === 'recording.erasing' && object['cause'] !== undefined);
}

/** What is done to the deployment's own log without a change: held or ahead of the clock, it could take none. */
const ON_ITSELF: ReadonlySet<string> = new Set(['log.restored', 'clock.corrected']);

/** Whether it is an act on the deployment, and not on its own log. */
export function isOnDeployment({ action, object }: Leaf): boolean {
  return OF_DEPLOYMENT.has(action) && !(ON_ITSELF.has(action) && object.id === 'deployment');
}

/** Whether the deployment's log has it of a tenant's act. A link for a person of the deployment is none, whatever it names. */
export function isCopy({ action, object }: Leaf, isOfDeployment: (id: string) => boolean): boolean {
  if (action !== 'sign_in.link_made') return COPIED.has(action);
  return object['tenant'] !== undefined && !isOfDeployment(String(object['principal']));
}
