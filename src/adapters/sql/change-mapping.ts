// Changes and their columns.
import type { Change } from '../../model/change/change.ts';
import { flagColumn, isSet, type Mapping } from './mapping.ts';

export type ChangeColumns = Omit<Change, 'byCommand'> & { readonly byCommand: number };

export const changes: Mapping<Change, ChangeColumns> = {
  toNoun: (columns) => ({
    tenant: columns.tenant,
    id: columns.id,
    kind: columns.kind,
    state: columns.state,
    version: columns.version,
    base: columns.base,
    body: columns.body,
    preview: columns.preview,
    effects: columns.effects,
    note: columns.note,
    proposer: columns.proposer,
    byCommand: isSet(columns.byCommand),
    opened: columns.opened,
    expires: columns.expires,
    decider: columns.decider,
    decided: columns.decided,
    reason: columns.reason,
    leafIndex: columns.leafIndex,
    leafHash: columns.leafHash,
    signed: columns.signed,
    mac: columns.mac,
  }),
  toColumns: (change) => ({
    tenant: change.tenant,
    id: change.id,
    kind: change.kind,
    state: change.state,
    version: change.version,
    base: change.base,
    body: change.body,
    preview: change.preview,
    effects: change.effects,
    note: change.note,
    proposer: change.proposer,
    byCommand: flagColumn(change.byCommand),
    opened: change.opened,
    expires: change.expires,
    decider: change.decider,
    decided: change.decided,
    reason: change.reason,
    leafIndex: change.leafIndex,
    leafHash: change.leafHash,
    signed: change.signed,
    mac: change.mac,
  }),
};
