// A deposit's rows, read at one moment, and whether they are still those that were read.
import type { StoredObject } from '../../envelope/object.ts';
import type { Deposit, ObjectRow, PartRow, WrappedKeyRow } from '../../model/recording.ts';
import type { Rows } from '../../ports/database.ts';
import { storedObject } from '../core/objects/stored-object.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** What the rows say of a deposit that is AVAILABLE. */
export type DepositSnapshot = {
  readonly deposit: Deposit;
  readonly key: WrappedKeyRow | null;
  readonly object: ObjectRow | null;
  /** What lies beside it: the peaks of an audio. */
  readonly beside: readonly ObjectRow[];
  readonly parts: readonly PartRow[];
};

/** The rows of these deposits. */
export function readSnapshots(rows: Rows, deposits: readonly Deposit[]): Promise<DepositSnapshot[]> {
  return Promise.all(
    deposits.map(async (deposit) => {
      const objects = await rows.deposits.objects(deposit.tenant, deposit.id);
      return {
        deposit,
        key: await rows.wrappedKeys.find(deposit.tenant, deposit.id),
        object: objects.find(({ name }) => name === deposit.object) ?? null,
        beside: objects.filter(({ name }) => name !== deposit.object),
        parts: await rows.deposits.parts(deposit.tenant, deposit.id),
      };
    }),
  );
}

/** The rows as they are now; null where the deposit is AVAILABLE no more. */
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

/** Whether nothing happened to the deposit in between. */
export function isUnchanged(one: DepositSnapshot, other: DepositSnapshot): boolean {
  return one.deposit.version === other.deposit.version && one.key?.wrap === other.key?.wrap;
}

/** The stored object that the rows describe. */
export function storedObjectIn({ deposit, parts }: DepositSnapshot, object: ObjectRow): StoredObject {
  // The rows of parts are those of the deposit's own object; what lies beside it has one part.
  return storedObject(deposit, object, object.name === deposit.object ? parts : []);
}
