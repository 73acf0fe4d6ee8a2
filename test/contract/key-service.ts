// The contract of a key service, as a suite over a factory.
import { beforeAll, expect } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { KeyContext } from '../../src/envelope/key-context.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import type { KeyReference } from '../../src/model/tenant.ts';
import type { KeyService } from '../../src/ports/key-service.ts';
import { type Adapter, contract } from '../support/contract.ts';
import { turningCases } from './key-turning.ts';
import { context, hexOf, type KeysUnderTest, refused, wait } from './tested-keys.ts';

function changedContexts(): [string, KeyContext][] {
  return Object.entries(context).flatMap(([name, value]): [string, KeyContext][] => {
    const { [name]: _, ...without } = context;
    return [
      [`${name} changed`, { ...context, [name]: `${value}x` }],
      [`${name} empty`, { ...context, [name]: '' }],
      [`${name} removed`, without],
      [`${name} in another case`, { ...without, [name.toUpperCase()]: value }],
      [`${name} with its value in another case`, { ...context, [name]: value === '1' ? '01' : value.toUpperCase() }],
    ];
  });
}

/** The suite. */
export function keyServiceContract(adapter: Omit<Adapter, 'port'>, open: () => Promise<KeysUnderTest>): void {
  contract({ ...adapter, port: 'a key service' }, (it) => {
    let keys: KeyService;
    let put: KeysUnderTest['put'];
    let unknown: KeysUnderTest['unknown'];
    let nameless: KeysUnderTest['nameless'];
    let key: KeyReference;

    beforeAll(async () => {
      ({ keys, put, unknown, nameless } = await open());
      key = await keys.createKey(newId('ten'), 1, wait);
    });

    it('unwraps what it wrapped, under the key that it reported', async () => {
      const made = await keys.generateDataKey(key, context, wait);
      expect(made.id).toBe(key.id);
      expect(hexOf(made.dataKey)).toMatch(/^[0-9a-f]{64}$/);
      const again = await keys.unwrap({ ...key, wrapped: made.wrapped }, context, wait);
      expect(hexOf(again)).toBe(hexOf(made.dataKey));
      expect(Buffer.from(made.wrapped).toString('hex')).not.toContain(hexOf(made.dataKey));
    });

    it('creates another data key each time', async () => {
      const made = await Promise.all(Array.from({ length: 20 }, () => keys.generateDataKey(key, context, wait)));
      expect(new Set(made.map(({ dataKey }) => hexOf(dataKey))).size).toBe(20);
    });

    it('creates one key a tenant, however often it is called', async () => {
      const [tenant, other] = [newId('ten'), newId('ten')];
      const first = await keys.createKey(tenant, 1, wait);
      expect(await keys.createKey(tenant, 1, wait)).toEqual(first);
      const asked = await Promise.all(Array.from({ length: 5 }, () => keys.createKey(other, 1, wait)));
      expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
      expect(asked[0]?.id).not.toBe(first.id);
    });

    it('loses none of many keys that are created concurrently', async () => {
      const tenants = Array.from({ length: 20 }, () => newId('ten'));
      const made = await Promise.all(tenants.map((tenant) => keys.createKey(tenant, 1, wait)));
      expect(new Set(made.map(({ id }) => id)).size).toBe(20);
      for (const one of made) expect((await keys.generateDataKey(one, context, wait)).id).toBe(one.id);
    });

    turningCases(it, () => ({ keys, put, unknown, nameless, key }));

    it('keeps many concurrent calls apart', async () => {
      const others = await Promise.all([newId('ten'), newId('ten')].map((tenant) => keys.createKey(tenant, 1, wait)));
      const runs = Array.from({ length: 40 }, async (_, n) => {
        const one = others[n % 2] ?? key;
        const mine = { ...context, 'vault:deposit': `dep_${n}` };
        const made = await keys.generateDataKey(one, mine, wait);
        const moved = await keys.rewrap({ ...one, wrapped: made.wrapped }, mine, { key, context: mine }, wait);
        const [before, after] = await Promise.all([
          keys.unwrap({ ...one, wrapped: made.wrapped }, mine, wait),
          keys.unwrap({ ...key, wrapped: moved.wrapped }, mine, wait),
        ]);
        expect([hexOf(before), hexOf(after)]).toEqual([hexOf(made.dataKey), hexOf(made.dataKey)]);
        return hexOf(made.dataKey);
      });
      expect(new Set(await Promise.all(runs)).size).toBe(40);
    });

    for (const [change, wrong] of [...changedContexts(), ['a pair added', { ...context, extra: '1' }] as const]) {
      it(`rejects an unwrap with ${change}`, async () => {
        const { wrapped } = await keys.generateDataKey(key, context, wait);
        await expect(keys.unwrap({ ...key, wrapped }, wrong, wait)).rejects.toMatchObject(refused);
      });
    }

    it('rejects another tenant’s key, an unknown key and another scheme', async () => {
      const other = await keys.createKey(newId('ten'), 1, wait);
      const [mine, theirs] = [
        await keys.generateDataKey(key, context, wait),
        await keys.generateDataKey(other, context, wait),
      ];
      await expect(keys.unwrap({ ...other, wrapped: mine.wrapped }, context, wait)).rejects.toMatchObject(refused);
      await expect(keys.unwrap({ ...key, wrapped: theirs.wrapped }, context, wait)).rejects.toMatchObject(refused);
      const scheme = key.scheme === 'kms' ? 'keyring' : 'kms';
      for (const wrong of [...unknown(key), { scheme, id: key.id } as const]) {
        await refusesAll(wrong, mine.wrapped);
      }
    });

    it('rejects an id that names no key', async () => {
      const { wrapped } = await keys.generateDataKey(key, context, wait);
      expect(nameless(key).length).toBeGreaterThan(3);
      for (const id of nameless(key)) await refusesAll({ ...key, id }, wrapped);
    });

    /** Expects that the key service rejects every call with this key, as source or as target. */
    async function refusesAll(wrong: KeyReference, wrapped: Uint8Array): Promise<void> {
      const good = await keys.generateDataKey(key, context, wait);
      const [from, to] = [
        { ...wrong, wrapped },
        { key: wrong, context },
      ];
      for (const asked of [
        () => keys.generateDataKey(wrong, context, wait),
        () => keys.unwrap(from, context, wait),
        () => keys.wrap(wrong, good.dataKey, context, wait),
        () => keys.rewrap(from, context, { key, context }, wait),
        () => keys.rewrap({ ...key, wrapped: good.wrapped }, context, to, wait),
      ]) {
        await expect(asked()).rejects.toMatchObject(refused);
      }
      expect(hexOf(await keys.unwrap({ ...key, wrapped: good.wrapped }, context, wait))).toBe(hexOf(good.dataKey));
    }

    it('describes a key as enabled, and an unknown one as missing', async () => {
      expect(await keys.describe(key, wait)).toBe('enabled');
      for (const wrong of unknown(key)) expect(await keys.describe(wrong, wait)).toBe('missing');
    });

    for (const state of ['disabled', 'pending-deletion'] as const) {
      it(`rejects a key that is ${state}, reports that state, and accepts the key once it is enabled`, async () => {
        const one = await keys.createKey(newId('ten'), 1, wait);
        const { dataKey, wrapped } = await keys.generateDataKey(one, context, wait);
        await put(one, state);
        expect(await keys.describe(one, wait)).toBe(state);
        await refusesAll(one, wrapped);
        await put(one, 'enabled');
        expect(await keys.describe(one, wait)).toBe('enabled');
        expect(hexOf(await keys.unwrap({ ...one, wrapped }, context, wait))).toBe(hexOf(dataKey));
      });
    }

    it('wraps a data key from elsewhere', async () => {
      const dataKey = new SecretKey(Buffer.alloc(32, 7));
      const made = await keys.wrap(key, dataKey, context, wait);
      expect(made.id).toBe(key.id);
      expect(hexOf(await keys.unwrap({ ...key, wrapped: made.wrapped }, context, wait))).toBe('07'.repeat(32));
      expect(hexOf(dataKey)).toBe('07'.repeat(32));
      expect(Buffer.from(made.wrapped).toString('hex')).not.toContain('07'.repeat(32));
    });

    it('re-wraps a data key to another context, and to another key', async () => {
      const other = await keys.createKey(newId('ten'), 1, wait);
      const next = { ...context, 'vault:wrap': '2' };
      const { dataKey, wrapped } = await keys.generateDataKey(key, context, wait);
      const before = { ...key, wrapped };
      for (const to of [
        { key, context: next },
        { key: other, context },
        { key: other, context: next },
      ]) {
        const moved = await keys.rewrap(before, context, to, wait);
        expect(moved.id).toBe(to.key.id);
        const after = { ...to.key, wrapped: moved.wrapped };
        expect(hexOf(await keys.unwrap(after, to.context, wait))).toBe(hexOf(dataKey));
        const wrong = to.context === next ? context : next;
        await expect(keys.unwrap(after, wrong, wait)).rejects.toMatchObject(refused);
      }
      expect(hexOf(await keys.unwrap(before, context, wait))).toBe(hexOf(dataKey));
    });

    it('does not re-wrap a data key from a wrong context, another key or damaged bytes', async () => {
      const other = await keys.createKey(newId('ten'), 1, wait);
      const { wrapped } = await keys.generateDataKey(key, context, wait);
      const to = { key: other, context };
      const damaged = Uint8Array.from(wrapped, (byte, n) => (n === wrapped.length - 1 ? byte ^ 1 : byte));
      for (const move of [
        () => keys.rewrap({ ...key, wrapped }, { ...context, 'vault:wrap': '2' }, to, wait),
        () => keys.rewrap({ ...other, wrapped }, context, to, wait),
        () => keys.rewrap({ ...key, wrapped: damaged }, context, to, wait),
        () => keys.rewrap({ ...key, wrapped: wrapped.subarray(0, 20) }, context, to, wait),
      ]) {
        await expect(move()).rejects.toMatchObject(refused);
      }
    });

    it('rejects a wrapped key with any byte changed, or truncated', async () => {
      const { wrapped } = await keys.generateDataKey(key, context, wait);
      for (let at = 0; at < wrapped.length; at++) {
        const changed = Uint8Array.from(wrapped, (byte, n) => (n === at ? byte ^ 1 : byte));
        const unwrapping = keys.unwrap({ ...key, wrapped: changed }, context, wait);
        await expect(unwrapping).rejects.toMatchObject(refused);
      }
      for (const length of [0, 1, 3, 4, 5, wrapped.length - 1]) {
        const unwrapping = keys.unwrap({ ...key, wrapped: wrapped.subarray(0, length) }, context, wait);
        await expect(unwrapping).rejects.toMatchObject(refused);
      }
    });
  });
}
