// Lists within a scope: what a person of teams sees.

import type { RecordingCursor } from '../../../src/model/recording.ts';
import type { RecordingFilter } from '../../../src/ports/rows/recording-rows.ts';
import { textIndex } from '../../../src/vault/core/facts/indexes.ts';
import { activeTenantAndKey } from '../../../src/vault/core/tenants/active-tenant.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { QUEUES, queueName, SPAN_MS } from './cast.ts';
import type { Operation } from './lists.ts';
import type { Random } from './random.ts';
import type { SeededDeployment } from './seed.ts';

/** A page and one row more, which shows whether there is a next page. */
const LIMIT = 51;
const TWENTY = Array.from({ length: 20 }, (_, n) => n * 3);

/** Names of queues by number; beyond the seeded ones no recording has them. */
const named = (queues: readonly number[]): readonly string[] => queues.map(queueName);

/** Pages of recordings of a person whose teams have these queues. */
export function scopeOperations(seeded: SeededDeployment, vault: Vault, draw: Random): Operation[] {
  const { request, usual, heavy, tenant } = seeded;
  const page = async (
    queues: readonly string[],
    filter: Partial<RecordingFilter> = {},
    after: RecordingCursor | null = null,
    person = usual.principal,
  ): Promise<number> => {
    const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
    const values = queues.map((queue) => textIndex(metadataKey, 'queue', queue).value);
    return vault.db.read(async (rows) => {
      const scope = { queues: values, person, now: await rows.now() };
      return (await rows.recordings.page(tenant, { indexes: [], ...filter, scope }, after, LIMIT)).length;
    }, request);
  };
  const deep = (): RecordingCursor => ({
    startedAt: new Date(Date.now() - draw.next() * SPAN_MS).toISOString(),
    id: 'rec_7',
  });
  const all = Array.from({ length: QUEUES }, (_, n) => n);
  const search = async (label: 'agent' | 'queue', text: string): Promise<Partial<RecordingFilter>> => {
    const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
    return { indexes: [textIndex(metadataKey, label, text)] };
  };
  return [
    { name: 'scope: 20 of 60 queues', run: () => page(named(TWENTY)) },
    { name: 'scope: 20 of 60 queues, later page', run: () => page(named(TWENTY), {}, deep()) },
    { name: 'scope: 20 of 60 queues, many requests', run: () => page(named(TWENTY), {}, null, heavy.principal) },
    { name: 'scope: one queue without a call', run: () => page(named([90])) },
    { name: 'scope: 32 queues without a call', run: () => page(named(all.slice(0, 32).map((n) => n + 100))) },
    { name: 'scope: no queue', run: () => page([]) },
    { name: 'scope: the busiest queue', run: () => page(named([0])) },
    { name: 'scope: the rarest queues, later page', run: () => page(named([58, 59]), {}, deep()) },
    { name: 'scope: all 60 queues', run: () => page(named(all)) },
    { name: 'scope: all 60 queues, later page', run: () => page(named(all), {}, deep()) },
    { name: 'scope: 20 queues + direction internal', run: () => page(named(TWENTY), { direction: 'internal' }) },
    { name: 'scope: 20 queues + language rare', run: () => page(named(TWENTY), { language: 'cy' }) },
    { name: 'scope: 20 queues + language none', run: () => page(named(TWENTY), { language: 'xx' }) },
    { name: 'scope: 20 queues + language common', run: () => page(named(TWENTY), { language: 'en-GB' }) },
    { name: 'scope: 20 queues + state quarantined', run: () => page(named(TWENTY), { state: 'quarantined' }) },
    { name: 'scope: 20 queues + length, none', run: () => page(named(TWENTY), { minMs: 9_000_000 }) },
    { name: 'scope: 20 queues + agent', run: async () => page(named(TWENTY), await search('agent', 'Agent 020')) },
    {
      name: 'scope: 20 queues + agent of others',
      run: async () => page(named([57, 58, 59]), await search('agent', 'Agent 003')),
    },
    {
      name: 'scope: 20 queues + a queue of others',
      run: async () => page(named(TWENTY), await search('queue', queueName(1))),
    },
    {
      name: 'scope: 20 queues + one of them',
      run: async () => page(named(TWENTY), await search('queue', queueName(3))),
    },
  ];
}
