// A snapshot of a deposit's rows, and whether they have changed since.
import type { StoredObject } from '../../envelope/object.ts';
import type { Deposit, ObjectRow, PartRow, WrappedKeyRow } from '../../model/recording.ts';
import type { Rows } from '../../ports/database.ts';
import { storedObject } from '../core/objects/stored-object.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** The rows of an AVAILABLE deposit. */
export type DepositSnapshot = {
  readonly deposit: Deposit;
  readonly key: WrappedKeyRow | null;
  readonly object: ObjectRow | null;
  /** Its second object: the peaks of an audio. */
  readonly beside: readonly ObjectRow[];
  readonly parts: readonly PartRow[];
};

/** The rows of these deposits. */
export async function readSnapshots(rows: Rows, deposits: readonly Deposit[]): Promise<DepositSnapshot[]> {
  const snapshots: DepositSnapshot[] = [];
  for (const deposit of deposits) {
    const { tenant, id } = deposit;
    const [objects, key, parts] = await Promise.all([
      rows.deposits.objects(tenant, id),
      rows.wrappedKeys.find(tenant, id),
      rows.deposits.parts(tenant, id),
    ]);
    const object = objects.find(({ name }) => name === deposit.object) ?? null;
    snapshots.push({ deposit, key, object, beside: objects.filter((other) => other !== object), parts });
  }
  return snapshots;
}

/** The current rows; null where the deposit is no longer AVAILABLE. */
export async function rereadSnapshot(
  vault: Pick<Vault, 'db'>,
  { tenant, id }: Deposit,
  request: RequestContext,
): Promise<DepositSnapshot | null> {
  return vault.db.read(async (rows) => {
    const now = await rows.deposits.find(tenant, id);
    if (now?.state !== 'AVAILABLE') return null;
    return (await readSnapshots(rows, [now]))[0] ?? null;
  }, request);
}

/** Whether the deposit is unchanged between two snapshots. */
export function isUnchanged(one: DepositSnapshot, other: DepositSnapshot): boolean {
  return one.deposit.version === other.deposit.version && one.key?.wrap === other.key?.wrap;
}

/** The stored object that the rows describe. */
export function storedObjectIn({ deposit, parts }: DepositSnapshot, object: ObjectRow): StoredObject {
  // Only the deposit's own object has rows of parts; the peaks have one part.
  return storedObject(deposit, object, object.name === deposit.object ? parts : []);
}
