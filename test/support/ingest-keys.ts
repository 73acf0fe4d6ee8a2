// Helpers of tests of ingest keys: rows that an attacker changed, rows against the log, and the key pair of a seed by other code.
import { createPrivateKey, createPublicKey, hkdfSync } from 'node:crypto';
import type { IngestKeyRow } from '../../src/model/ingest-key.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { ingestKeys } from '../../src/vault/core/keys-in-memory/ingest-keys.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { createIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration, tenantWithKey } from '../../src/vault/keys/rotation.ts';
import { checkLog } from '../../src/vault/verify/check-log.ts';

/** The vault with a row of ingest keys that an attacker with the database changed. */
export function withIngestKey(vault: Vault, changes: Partial<IngestKeyRow>): Vault {
  const db: Vault['db'] = {
    ...vault.db,
    read: (work, wait) =>
      vault.db.read(
        (rows) =>
          work({
            ...rows,
            ingestKeys: {
              ...rows.ingestKeys,
              find: async (...of) => {
                const row = await rows.ingestKeys.find(...of);
                return row === null ? null : { ...row, ...changes };
              },
              allCurrent: async () => (await rows.ingestKeys.allCurrent()).map((row) => ({ ...row, ...changes })),
            },
          }),
        wait,
      ),
  };
  const parts = { ...vault, db };
  return { ...parts, ingestKeys: ingestKeys(parts) };
}

/** DeriveKeyPair of DHKEM(X25519, HKDF-SHA256) with the primitives of node:crypto alone. */
export function publicKeyOf(seed: Uint8Array): Buffer {
  const suite = Buffer.concat([Buffer.from('KEM'), Buffer.from([0, 0x20])]);
  const version = Buffer.from('HPKE-v1');
  const ikm = Buffer.concat([version, suite, Buffer.from('dkp_prk'), seed]);
  const info = Buffer.concat([Buffer.from([0, 32]), version, suite, Buffer.from('sk')]);
  const secret = Buffer.from(hkdfSync('sha256', ikm, Buffer.alloc(0), info, 32));
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), secret]);
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
}

/** Waits at most two minutes. */
const request = () => ({ signal: AbortSignal.timeout(120_000) });

/** A new ingest key of the tenant, which replaces the one before. */
export async function rotateIngestKey(vault: Vault, tenant: string): Promise<IngestKeyRow> {
  const row = await tenantWithKey(vault, tenant, request());
  return createIngestKey(vault, operatorActor('op-9'), row, 'rotated', request());
}

/** Raises the tenant's generation, and re-wraps everything to it. */
export async function raiseAndRewrap(vault: Vault, tenant: string): Promise<void> {
  const by = operatorActor('op-9');
  await raiseGeneration(vault, by, tenant, request());
  await rewrapTenant(vault, by, tenant, { rate: 1000, concurrency: 4, sample: 0 }, () => undefined, request());
}

/** Ids and states of the tenant's ingest keys, by id. */
export async function ingestKeyStates(vault: Vault, tenant: string): Promise<string[][]> {
  const rows = await vault.db.read(({ ingestKeys: all }) => all.all(tenant), request());
  return rows.map(({ id, state }) => [id, state]);
}

/** What the comparison of the tenant's rows with its log finds. */
export async function findingsByLog(vault: Vault, tenant: string): Promise<string[]> {
  const found: string[] = [];
  await checkLog(
    vault,
    await tenantWithKey(vault, tenant, request()),
    async (some) => void found.push(...some.map(({ kind, row, subject, why }) => `${kind} ${row} ${subject} ${why}`)),
    request(),
  );
  return found.sort();
}
