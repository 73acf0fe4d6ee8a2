// The sealed log of a world's tenant: sealing it, growing it, and what its service returns about it.
import { newId } from '../../src/bytes/ids.ts';
import { logName } from '../../src/model/audit-event.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { verifiersOf } from '../../src/vault/core/proofs/verifier-keys.ts';
import { sealLog } from '../../src/vault/sealing/seal-log.ts';
import type { KeyHolder, World } from './world.ts';

const request = () => ({ signal: AbortSignal.timeout(600_000) });

/** Seals a log of a world with a signer, as its background work does. */
export async function sealTenant({ vault }: Pick<World, 'vault'>, log: string): Promise<void> {
  const { signer } = vault;
  if (signer === null) throw new Error('the world has no signer');
  await sealLog({ ...vault, signer }, new Map(), log, request());
}

/** Appends so many events to a tenant's log, some hundreds in a transaction. */
export async function growTenant({ vault }: World, log: string, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 500) {
    const events = Array.from({ length: Math.min(left, 500) }, () =>
      event(log, operatorActor('op-1'), 'recording.created', { id: newId('rec') }, {}),
    );
    await vault.db.change(async () => ({ result: null, events }), request());
  }
}

/** How many events a log has. */
export function sizeOf({ vault }: World, log: string): Promise<number> {
  return vault.db.read((rows) => rows.log.size(log), request());
}

/** The verifier key of a world's signer for a log. */
export function verifierOf({ vault }: World, log: string): string {
  return vault.signer === null ? '' : (verifiersOf(vault.signer, logName(vault.settings.origin, log))[0] ?? '');
}

/** A reader of `/v1/audit/…` with this key: bytes of replies, which must be 200. */
export function auditReader(world: World, { key }: KeyHolder) {
  return async (path: string): Promise<Buffer> => {
    const reply = await world.call('GET', `/v1/audit/${path}`, { key });
    if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return Buffer.from(await reply.arrayBuffer());
  };
}
