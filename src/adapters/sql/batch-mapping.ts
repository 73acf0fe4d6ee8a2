// Batches and their columns.
import type { Batch } from '../../model/batch.ts';
import { listColumn, listIn, type Mapping } from './mapping.ts';

export type BatchColumns = Omit<Batch, 'objects'> & { readonly objects: string };

export const batches: Mapping<Batch, BatchColumns> = {
  toNoun: (columns) => ({
    tenant: columns.tenant,
    id: columns.id,
    state: columns.state,
    version: columns.version,
    created: columns.created,
    maker: columns.maker,
    purpose: columns.purpose,
    objects: listIn(columns.objects),
    due: columns.due,
    policy: columns.policy,
    proof: columns.proof,
    words: columns.words,
    closed: columns.closed,
    mac: columns.mac,
  }),
  toColumns: ({ objects, ...batch }) => ({
    tenant: batch.tenant,
    id: batch.id,
    state: batch.state,
    version: batch.version,
    created: batch.created,
    maker: batch.maker,
    purpose: batch.purpose,
    objects: listColumn(objects),
    due: batch.due,
    policy: batch.policy,
    proof: batch.proof,
    words: batch.words,
    closed: batch.closed,
    mac: batch.mac,
  }),
};
