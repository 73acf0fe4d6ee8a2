// Deposits and their columns.
import type { Deposit, Lease } from '../../model/recording.ts';
import { type Mapping, memberColumn } from './mapping.ts';

export type DepositColumns = Omit<Deposit, 'lease'> & {
  readonly leaseOwner: string | null;
  readonly leaseUntil: string | null;
};

export const deposits: Mapping<Deposit, DepositColumns> = {
  toNoun: (columns) => ({
    tenant: columns.tenant,
    id: columns.id,
    recording: columns.recording,
    object: columns.object,
    state: columns.state,
    version: columns.version,
    op: columns.op,
    principal: columns.principal,
    created: columns.created,
    uploadId: columns.uploadId,
    lease: leaseIn(columns),
    envelope: columns.envelope,
    digest: columns.digest,
    committed: columns.committed,
    verifiedAt: columns.verifiedAt,
  }),
  toColumns: (deposit) => ({
    tenant: deposit.tenant,
    id: deposit.id,
    recording: deposit.recording,
    object: deposit.object,
    state: deposit.state,
    version: deposit.version,
    op: deposit.op,
    principal: deposit.principal,
    created: deposit.created,
    uploadId: deposit.uploadId,
    leaseOwner: memberColumn(deposit.lease, 'owner'),
    leaseUntil: memberColumn(deposit.lease, 'until'),
    envelope: deposit.envelope,
    digest: deposit.digest,
    committed: deposit.committed,
    verifiedAt: deposit.verifiedAt,
  }),
};

function leaseIn({ leaseOwner: owner, leaseUntil: until }: DepositColumns): Lease | null {
  return owner === null || until === null ? null : { owner, until };
}
