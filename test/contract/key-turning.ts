// Key rotation in the contract of a key service: later keys of a tenant, new material in a key, and aliases.
import { expect } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { KeyReference } from '../../src/model/tenant.ts';
import type { ContractCase } from '../support/contract.ts';
import { context, hexOf, type KeysUnderTest, refused, wait } from './tested-keys.ts';

/** The cases, over the key service from `given` and a key of it. */
export function turningCases(it: ContractCase, given: () => KeysUnderTest & { readonly key: KeyReference }): void {
  it('creates one key of a tenant for each generation', async () => {
    const { keys } = given();
    const tenant = newId('ten');
    const made = [];
    for (const generation of [1, 2, 12]) made.push(await keys.createKey(tenant, generation, wait));
    expect(new Set(made.map(({ id }) => id)).size).toBe(3);
    for (const [n, generation] of [1, 2, 12].entries())
      expect(await keys.createKey(tenant, generation, wait)).toEqual(made[n]);
    const later = newId('ten');
    const second = await keys.createKey(later, 2, wait);
    const first = await keys.createKey(later, 1, wait);
    expect(first.id).not.toBe(second.id);
    expect(await keys.createKey(later, 2, wait)).toEqual(second);
    for (const one of [...made, first, second])
      expect((await keys.generateDataKey(one, context, wait)).id).toBe(one.id);
  });

  it('finds every key again, whichever key the tenant’s alias names', async () => {
    const { keys, put, key } = given();
    const tenant = newId('ten');
    const [first, second] = [await keys.createKey(tenant, 1, wait), await keys.createKey(tenant, 2, wait)];
    const foundAll = async () => {
      expect(await keys.createKey(tenant, 1, wait)).toEqual(first);
      expect(await keys.createKey(tenant, 2, wait)).toEqual(second);
    };
    for (const named of [second, second, first, key, second]) {
      await keys.nameKey(tenant, named, wait);
      await foundAll();
    }
    const another = newId('ten');
    const old = await keys.createKey(another, 1, wait);
    await keys.nameKey(another, await keys.createKey(another, 2, wait), wait);
    await put(old, 'disabled');
    expect(await keys.createKey(another, 1, wait)).toEqual(old);
    const other = newId('ten');
    await keys.nameKey(other, await keys.createKey(other, 3, wait), wait);
    expect(await keys.createKey(other, 1, wait)).toEqual(await keys.createKey(other, 1, wait));
  });

  it('rotates the material of a key, and still unwraps what it wrapped before', async () => {
    const { keys } = given();
    const one = await keys.createKey(newId('ten'), 1, wait);
    const made = [];
    for (let turns = 0; turns < 3; turns++) {
      made.push(await keys.generateDataKey(one, context, wait));
      await keys.rotate(one, wait);
    }
    made.push(await keys.generateDataKey(one, context, wait));
    const to = { key: one, context: { ...context, 'vault:wrap': '2' } };
    for (const { dataKey, wrapped } of made) {
      expect(hexOf(await keys.unwrap({ ...one, wrapped }, context, wait))).toBe(hexOf(dataKey));
      const moved = await keys.rewrap({ ...one, wrapped }, context, to, wait);
      expect(hexOf(await keys.unwrap({ ...one, wrapped: moved.wrapped }, to.context, wait))).toBe(hexOf(dataKey));
    }
  });

  it('rotates for several callers at once', async () => {
    const { keys } = given();
    const one = await keys.createKey(newId('ten'), 1, wait);
    const { dataKey, wrapped } = await keys.generateDataKey(one, context, wait);
    await Promise.all(Array.from({ length: 3 }, () => keys.rotate(one, wait)));
    expect(hexOf(await keys.unwrap({ ...one, wrapped }, context, wait))).toBe(hexOf(dataKey));
    expect((await keys.generateDataKey(one, context, wait)).id).toBe(one.id);
  });

  it('rotates no disabled and no unknown key', async () => {
    const { keys, put, unknown, nameless, key } = given();
    const one = await keys.createKey(newId('ten'), 1, wait);
    await put(one, 'disabled');
    await expect(keys.rotate(one, wait)).rejects.toMatchObject(refused);
    const scheme = key.scheme === 'kms' ? 'keyring' : 'kms';
    for (const wrong of [...unknown(key), { scheme, id: key.id } as const])
      await expect(keys.rotate(wrong, wait)).rejects.toMatchObject(refused);
    for (const id of nameless(key)) await expect(keys.rotate({ ...key, id }, wait)).rejects.toMatchObject(refused);
    await expect(keys.nameKey(newId('ten'), { scheme, id: key.id }, wait)).rejects.toMatchObject(refused);
  });
}
