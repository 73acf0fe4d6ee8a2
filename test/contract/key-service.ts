// What every key service must do, as a suite over a factory.
import { beforeAll, describe, expect, it } from 'vitest';
import { type KeyContext, keyContext } from '../../src/envelope/key-context.ts';
import type { SecretKey } from '../../src/envelope/secret-key.ts';
import type { KeyReference } from '../../src/model/tenant.ts';
import type { KeyService } from '../../src/ports/key-service.ts';

const wait = { signal: AbortSignal.timeout(600_000) };

/** The bytes of a key, for comparing in a test. */
export function hexOf(key: SecretKey): string {
  return key.use((bytes) => bytes.toString('hex'));
}

const context = keyContext({ use: 'object', tenant: 'ten_a', recording: 'rec_a', deposit: 'dep_a', wrap: 1 });

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

/** The suite. `damage` makes a wrapped key unreadable in the service's own terms. */
export function keyServiceContract(name: string, open: () => Promise<KeyService>): void {
  describe(`${name} as a key service`, () => {
    let keys: KeyService;
    let key: KeyReference;

    beforeAll(async () => {
      keys = await open();
      key = await keys.createKey('ten_a', wait);
    });

    it('unwraps what it wrapped, under the key that answered', async () => {
      const made = await keys.generateDataKey(key, context, wait);
      expect(made.id).toBe(key.id);
      expect(hexOf(made.dataKey)).toMatch(/^[0-9a-f]{64}$/);
      const again = await keys.unwrap({ ...key, wrapped: made.wrapped }, context, wait);
      expect(hexOf(again)).toBe(hexOf(made.dataKey));
      expect(Buffer.from(made.wrapped).toString('hex')).not.toContain(hexOf(made.dataKey));
    });

    it('makes another data key each time', async () => {
      const made = await Promise.all(Array.from({ length: 20 }, () => keys.generateDataKey(key, context, wait)));
      expect(new Set(made.map(({ dataKey }) => hexOf(dataKey))).size).toBe(20);
    });

    it('creates one key a tenant, however often it is asked', async () => {
      expect(await keys.createKey('ten_a', wait)).toEqual(key);
      const asked = await Promise.all(Array.from({ length: 5 }, () => keys.createKey('ten_same', wait)));
      expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    });

    it('loses none of many keys that are created at once', async () => {
      const tenants = Array.from({ length: 20 }, (_, n) => `ten_many_${n}`);
      const made = await Promise.all(tenants.map((tenant) => keys.createKey(tenant, wait)));
      expect(new Set(made.map(({ id }) => id)).size).toBe(20);
      for (const one of made) expect((await keys.generateDataKey(one, context, wait)).id).toBe(one.id);
    });

    it.each([...changedContexts(), ['a pair added', { ...context, extra: '1' }] as [string, KeyContext]])(
      'refuses to unwrap with %s',
      async (_, wrong) => {
        const { wrapped } = await keys.generateDataKey(key, context, wait);
        await expect(keys.unwrap({ ...key, wrapped }, wrong, wait)).rejects.toMatchObject({ code: 'key_refused' });
      },
    );

    it('refuses another tenant’s key, an unknown key and another scheme', async () => {
      const { wrapped } = await keys.generateDataKey(key, context, wait);
      const other = await keys.createKey('ten_b', wait);
      const refused = { code: 'key_refused' };
      await expect(keys.unwrap({ ...other, wrapped }, context, wait)).rejects.toMatchObject(refused);
      const unknown = { ...key, id: `${key.id}0` };
      await expect(keys.unwrap({ ...unknown, wrapped }, context, wait)).rejects.toMatchObject(refused);
      await expect(keys.generateDataKey(unknown, context, wait)).rejects.toMatchObject(refused);
      const scheme = key.scheme === 'kms' ? 'keyring' : 'kms';
      await expect(keys.unwrap({ scheme, id: key.id, wrapped }, context, wait)).rejects.toMatchObject(refused);
    });

    it('refuses a wrapped key with any byte changed, or cut', async () => {
      const { wrapped } = await keys.generateDataKey(key, context, wait);
      for (let at = 0; at < wrapped.length; at++) {
        const changed = Uint8Array.from(wrapped, (byte, n) => (n === at ? byte ^ 1 : byte));
        const unwrapping = keys.unwrap({ ...key, wrapped: changed }, context, wait);
        await expect(unwrapping).rejects.toMatchObject({ code: 'key_refused' });
      }
      for (const length of [0, 1, 3, 4, 5, wrapped.length - 1]) {
        const unwrapping = keys.unwrap({ ...key, wrapped: wrapped.subarray(0, length) }, context, wait);
        await expect(unwrapping).rejects.toMatchObject({ code: 'key_refused' });
      }
    });
  });
}
