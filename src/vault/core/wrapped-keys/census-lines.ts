// A tenant's wrapped keys, counted by key, generation and state of their deposits.
import type { CensusLine, CountedKeys } from '../../../ports/rows/wrapped-key-rows.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/**
 * Counts in many short reads, so that other requests are served in between: a key that is re-wrapped meanwhile may
 * count twice or not at all. Nearly all deposits are AVAILABLE: the few others are counted separately and subtracted. A key whose
 * deposit has no row counts as AVAILABLE.
 */
export async function countWrappedKeys(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  request: RequestContext,
): Promise<CensusLine[]> {
  const all = new Map<string, CensusLine>();
  for (let after: CountedKeys | null = null; ; ) {
    const from: CountedKeys | null = after;
    after = await vault.db.read((rows) => rows.wrappedKeys.countKeys(tenant, from), request);
    if (after === null) break;
    const { deposit: _deposit, ...line } = after;
    const before = all.get(groupOf(line));
    all.set(groupOf(line), sum({ ...line, state: 'AVAILABLE' }, before, 1));
  }
  const others = await vault.db.read((rows) => rows.wrappedKeys.countUnsettled(tenant), request);
  for (const other of others) {
    const line = all.get(groupOf(other));
    if (line !== undefined) all.set(groupOf(other), sum(line, other, -1));
  }
  return [...[...all.values()].filter((line) => line.keys > 0), ...others].sort(compareLines);
}

function groupOf({ scheme, keyId, wrap }: Pick<CensusLine, 'scheme' | 'keyId' | 'wrap'>): string {
  return JSON.stringify([scheme, keyId, wrap]);
}

function sum(line: CensusLine, other: CensusLine | undefined, sign: 1 | -1): CensusLine {
  if (other === undefined) return line;
  const add = (what: 'keys' | 'envelopesBehind') => Math.max(0, line[what] + sign * other[what]);
  return { ...line, keys: add('keys'), envelopesBehind: add('envelopesBehind') };
}

function compareLines(one: CensusLine, other: CensusLine): number {
  const [name, otherName] = [`${one.keyId} ${one.state}`, `${other.keyId} ${other.state}`];
  return one.wrap - other.wrap || (name < otherName ? -1 : 1);
}
