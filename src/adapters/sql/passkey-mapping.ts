// Passkeys and their columns.
import type { Passkey } from '../../model/sign-in.ts';
import { listColumn, listIn, type Mapping } from './mapping.ts';

export type PasskeyColumns = Omit<Passkey, 'transports'> & { readonly transports: string };

export const passkeys: Mapping<Passkey, PasskeyColumns> = {
  toNoun: (columns) => ({
    tenant: columns.tenant,
    id: columns.id,
    principal: columns.principal,
    credential: columns.credential,
    publicKey: columns.publicKey,
    counter: columns.counter,
    transports: listIn(columns.transports),
    label: columns.label,
    state: columns.state,
    version: columns.version,
    created: columns.created,
    lastUsed: columns.lastUsed,
    leafIndex: columns.leafIndex,
    mac: columns.mac,
  }),
  toColumns: (passkey) => ({
    tenant: passkey.tenant,
    id: passkey.id,
    principal: passkey.principal,
    credential: passkey.credential,
    publicKey: passkey.publicKey,
    counter: passkey.counter,
    transports: listColumn(passkey.transports),
    label: passkey.label,
    state: passkey.state,
    version: passkey.version,
    created: passkey.created,
    lastUsed: passkey.lastUsed,
    leafIndex: passkey.leafIndex,
    mac: passkey.mac,
  }),
};
