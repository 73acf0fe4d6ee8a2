// Which events need a change that two people signed.
import type { Leaf } from './leaf.ts';

/** What two people do: without a change, a finding where a second one could confirm. */
export const BY_TWO: ReadonlySet<string> = new Set([
  ...['person.added', 'person.changed', 'team.changed', 'tenant.changed', 'policy.changed', 'recording.released'],
  ...['retention.changed', 'hold.lifted', 'lease.granted'],
]);

/** What a command does only by two people, on a tenant: without a change a finding, as above. */
const COMMANDS_BY_TWO: ReadonlySet<string> = new Set([
  ...['sign_in.link_made', 'api_key.created', 'service.added'],
  ...['recording.erasing', 'key.rotated', 'key.retired'],
]);

/** What should name a change, and where older versions and exempt ways name none: a notice. */
export const DANGEROUS: ReadonlySet<string> = new Set([
  ...['service.added', 'operator.added', 'sign_in.link_made', 'api_key.created', 'key.rotated', 'key.retired'],
  ...['recording.erasing', 'signer.added', 'log.restored', 'vault.rebuilt', 'tenant.rebuilt'],
]);

/** Whether it is a command's act on the tenant of this log; the deployment's log has copies of some. */
export function isCommand({ action, actor, log }: Leaf): boolean {
  return COMMANDS_BY_TWO.has(action) && actor.auth === 'cli' && !log.endsWith('/deployment');
}
