// A new principal's row, with its sealed name and its MAC.
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { isPersonName, MAX_PERSON_NAME } from '../../model/change/people.ts';
import { checkRoles, type Principal, type PrincipalKind } from '../../model/principal.ts';
import { withMac } from '../core/authority/authority-rows.ts';
import { sealText } from '../core/personal/names.ts';

export type NewPrincipal = {
  readonly tenant: string;
  readonly kind: PrincipalKind;
  readonly name: string;
  readonly roles: readonly string[];
  /** The last day on which a person's training counts. */
  readonly trainedUntil?: string | undefined;
  /** Ids of the people who answer for a service; none for a person. */
  readonly owners: readonly string[];
};

type Made = {
  readonly created: string;
  /** Whether the principal was named when the tenant was created. */
  readonly first: boolean;
  /** The id that a change fixed when it was proposed. */
  readonly id?: string;
};

/** The row. Throws `malformed` for invalid roles or an invalid name. */
export function newPrincipal(
  metadataKey: SecretKey,
  what: NewPrincipal,
  { created, first, id: fixed }: Made,
): Principal {
  const { tenant, kind, name, roles, owners } = what;
  checkName(name);
  const id = fixed ?? newId(kind === 'person' ? 'usr' : 'svc');
  return withMac(metadataKey, 'principal', {
    tenant,
    id,
    kind,
    state: 'ACTIVE',
    version: 1,
    created,
    roles: checkRoles(kind, roles),
    owners: [...owners].sort(),
    first,
    approvingSince: null,
    trainedUntil: what.trainedUntil ?? null,
    leafIndex: null,
    name: sealText(metadataKey, { tenant, row: id, column: 'name' }, name),
  });
}

/** Throws `malformed` for a name that no principal can have. */
export function checkName(name: string): void {
  if (!isPersonName(name))
    throw new VaultError('malformed', `a name must have 1 to ${MAX_PERSON_NAME} characters, all visible`);
}
