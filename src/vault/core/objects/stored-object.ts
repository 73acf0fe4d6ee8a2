// A stored object, as its rows describe it.
import type { StoredObject } from '../../../envelope/object.ts';
import type { Deposit, ObjectRow, PartRow } from '../../../model/recording.ts';

export function storedObject(deposit: Deposit, object: ObjectRow, parts: readonly PartRow[]): StoredObject {
  const { tenant, recording, id } = deposit;
  const headers = object.parts > 1 ? Buffer.concat(parts.map(({ header }) => header)) : null;
  return { tenant, recording, deposit: id, name: object.name, size: object.size, heads: object.heads, headers };
}
