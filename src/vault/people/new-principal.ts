// A new principal's row, its name sealed.
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { checkRoles, type Principal, type PrincipalKind } from '../../model/principal.ts';
import { sealText } from './names.ts';

/** The row. `first` marks people named when the tenant was created. Throws `malformed` for roles or a name that cannot be. */
export function newPrincipal(
  metadataKey: SecretKey,
  tenant: string,
  kind: PrincipalKind,
  name: string,
  roles: readonly string[],
  owners: readonly string[],
  first: boolean,
  created: string,
): Principal {
  if (name.trim() === '' || name.length > 200) throw new VaultError('malformed', 'a name is 1 to 200 characters');
  const id = newId(kind === 'person' ? 'usr' : 'svc');
  return {
    tenant,
    id,
    kind,
    state: 'ACTIVE',
    version: 1,
    created,
    roles: checkRoles(kind, roles).join(','),
    owners: [...owners].sort().join(','),
    first: first ? 1 : 0,
    name: sealText(metadataKey, { tenant, row: id, column: 'name' }, name),
  };
}
