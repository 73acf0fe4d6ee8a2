// An HSM by PKCS #11: what its keys are, what their owner does to them, and the PIN. On SoftHSM 2.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CKA } from '../../src/adapters/pkcs11/cryptoki.ts';
import { type HsmSettings, hsmKeys } from '../../src/adapters/pkcs11/pkcs11.ts';
import { referenceOf } from '../../src/adapters/pkcs11/reference.ts';
import { decodeWrapped, versionNumber } from '../../src/adapters/pkcs11/wrapped-key.ts';
import { newId } from '../../src/bytes/ids.ts';
import type { KeyService } from '../../src/ports/key-service.ts';
import { context, hexOf, refused, wait } from '../contract/tested-keys.ts';
import { needs } from '../support/needs.ts';
import { type Administrator, administratorOf, type SoftHsm, softHsm, USER_PIN } from '../support/softhsm.ts';

const { present, reason } = needs('softhsm2');
const away = { code: 'key_service_unavailable' };

describe.skipIf(!present)(`an HSM ${reason}`.trim(), () => {
  let hsm: SoftHsm;
  let settings: HsmSettings;
  let keys: KeyService;
  let owner: Administrator;
  const tokens = new Map<string, HsmSettings>();
  const tokenOf = (label: string): HsmSettings => {
    const found = tokens.get(label);
    if (found === undefined) throw new Error(`there is no token ${label}`);
    return found;
  };
  const opened: KeyService[] = [];
  const open = (of: HsmSettings): KeyService => {
    const made = hsmKeys(of);
    opened.push(made);
    return made;
  };
  const newKey = () => keys.createKey(newId('ten'), 1, wait);

  beforeAll(() => {
    hsm = softHsm();
    // A module that is in use sees no token that another process makes.
    for (const label of ['callvault', 'by-file', 'wrong', 'twin', 'twin']) tokens.set(label, hsm.token(label));
    settings = tokenOf('callvault');
    keys = open(settings);
    owner = administratorOf(settings);
  });
  afterAll(async () => {
    for (const one of opened) await one.close();
    hsm.remove();
  });

  it('makes AES-256 keys that no call takes out of it', async () => {
    const key = await newKey();
    const [version, ...others] = owner.versions(key);
    if (version === undefined) throw new Error('there is no object');
    expect(others).toEqual([]);
    const is = (type: number) => owner.read(version.handle, type)?.[0];
    expect([CKA.SENSITIVE, CKA.EXTRACTABLE, CKA.PRIVATE, CKA.TOKEN].map(is)).toEqual([1, 0, 1, 1]);
    const uses = [CKA.WRAP, CKA.UNWRAP, CKA.SIGN, CKA.VERIFY, CKA.DERIVE].map(is);
    expect([is(CKA.ENCRYPT), is(CKA.DECRYPT), ...uses]).toEqual([1, 1, 0, 0, 0, 0, 0]);
    expect(owner.read(version.handle, CKA.VALUE_LEN)?.[0]).toBe(32);
    const CKA_VALUE = 0x11;
    expect(owner.read(version.handle, CKA_VALUE)).toBeUndefined();
    expect(owner.read(version.handle, CKA.LABEL)?.toString()).toMatch(/^callvault-ten_[0-9a-z]{26}-1$/);
    expect(key.id).toBe(`pkcs11:token=callvault;object=${owner.read(version.handle, CKA.LABEL)}`);
  });

  it('names the version in each wrapped key, and takes no nonce twice', async () => {
    const key = await newKey();
    const made = [];
    for (const rotations of [0, 1, 2]) {
      for (let n = 0; n < 10; n++) made.push((await keys.generateDataKey(key, context, wait)).wrapped);
      expect(owner.versions(key).length).toBe(rotations + 1);
      await keys.rotate(key, wait);
    }
    const read = made.map((wrapped) => decodeWrapped(wrapped));
    expect(read.map((one) => versionNumber(one?.version ?? Buffer.alloc(0)))).toEqual([
      ...Array.from({ length: 30 }, (_, n) => Math.floor(n / 10) + 1),
    ]);
    expect(new Set(read.map((one) => Buffer.from(one?.nonce ?? []).toString('hex'))).size).toBe(30);
    expect(new Set(made.map(({ length }) => length))).toEqual(new Set([78]));
  });

  it('wraps under the newest version at once, whichever process made it', async () => {
    const [key, other] = [await newKey(), open(settings)];
    const numberOf = async (service: KeyService): Promise<number> =>
      versionNumber(
        decodeWrapped((await service.generateDataKey(key, context, wait)).wrapped)?.version ?? Buffer.alloc(0),
      );
    expect([await numberOf(keys), await numberOf(other)]).toEqual([1, 1]);
    await keys.rotate(key, wait);
    expect([await numberOf(other), await numberOf(keys)]).toEqual([2, 2]);
    await other.rotate(key, wait);
    expect([await numberOf(keys), await numberOf(other)]).toEqual([3, 3]);
  });

  it('opens nothing of a version that was destroyed, and all of the others', async () => {
    const key = await newKey();
    const first = await keys.generateDataKey(key, context, wait);
    await keys.rotate(key, wait);
    const second = await keys.generateDataKey(key, context, wait);
    const old = owner.versions(key).find(({ id }) => versionNumber(id) === 1);
    if (old === undefined) throw new Error('there is no first version');
    owner.destroy(old.handle);
    await expect(keys.unwrap({ ...key, wrapped: first.wrapped }, context, wait)).rejects.toMatchObject({
      ...refused,
      message: 'the token has no such key',
    });
    expect(hexOf(await keys.unwrap({ ...key, wrapped: second.wrapped }, context, wait))).toBe(hexOf(second.dataKey));
    for (const { handle } of owner.versions(key)) owner.destroy(handle);
    expect(await keys.describe(key, wait)).toBe('missing');
    await expect(keys.generateDataKey(key, context, wait)).rejects.toMatchObject(refused);
    await expect(keys.unwrap({ ...key, wrapped: second.wrapped }, context, wait)).rejects.toMatchObject(refused);
  });

  it('takes a customer’s key of any id, unless it can leave the HSM', async () => {
    const named = (label: string) => referenceOf({ token: 'callvault', label });
    const kept = { [CKA.SENSITIVE]: true, [CKA.EXTRACTABLE]: false };
    owner.make('Kunde 7', { ...kept, [CKA.ID]: Buffer.from('07', 'hex') });
    const key = keys.provider.parseKey('pkcs11:object=Kunde%207;token=callvault;type=secret-key');
    expect(key).toEqual(named('Kunde 7'));
    const before = await keys.generateDataKey(key, context, wait);
    await keys.rotate(key, wait);
    expect(owner.versions(key).length).toBe(2);
    expect(hexOf(await keys.unwrap({ ...key, wrapped: before.wrapped }, context, wait))).toBe(hexOf(before.dataKey));

    for (const [label, loose] of [
      ['extractable', { [CKA.SENSITIVE]: true, [CKA.EXTRACTABLE]: true }],
      ['readable', { [CKA.SENSITIVE]: false, [CKA.EXTRACTABLE]: false }],
    ] as const) {
      owner.make(label, { ...loose, [CKA.ID]: Buffer.from('01', 'hex') });
      await expect(keys.generateDataKey(named(label), context, wait)).rejects.toMatchObject({
        ...refused,
        message: 'the key can leave the HSM: it must be sensitive and not extractable',
      });
    }
    owner.make('twice', { ...kept, [CKA.ID]: Buffer.from('01', 'hex') });
    const one = await keys.generateDataKey(named('twice'), context, wait);
    owner.make('twice', { ...kept, [CKA.ID]: Buffer.from('01', 'hex') });
    const twice = { ...refused, message: 'two objects of the token have this name and id' };
    await expect(keys.unwrap({ ...named('twice'), wrapped: one.wrapped }, context, wait)).rejects.toMatchObject(twice);
    // It wraps nothing that could not be opened.
    await expect(keys.generateDataKey(named('twice'), context, wait)).rejects.toMatchObject(twice);
    await expect(keys.rotate(named('twice'), wait)).rejects.toMatchObject(twice);
  });

  it('sees no public key, which anyone can put into the token without the PIN', async () => {
    const key = await newKey();
    const label = owner.read(owner.versions(key)[0]?.handle ?? Buffer.alloc(0), CKA.LABEL)?.toString() ?? '';
    const planted = { [CKA.PRIVATE]: false, [CKA.SENSITIVE]: true, [CKA.EXTRACTABLE]: false };
    owner.make(label, { ...planted, [CKA.ID]: Buffer.from('ffffffff414141414141414141414141', 'hex') });
    expect(owner.versions(key).length).toBe(2);
    const { wrapped } = await keys.generateDataKey(key, context, wait);
    expect(versionNumber(decodeWrapped(wrapped)?.version ?? Buffer.alloc(0))).toBe(1);
    await keys.rotate(key, wait);
    owner.make('public alone', { ...planted, [CKA.ID]: Buffer.from('01', 'hex') });
    const alone = referenceOf({ token: 'callvault', label: 'public alone' });
    expect(await keys.describe(alone, wait)).toBe('missing');
  });

  it('rejects an AES key of another length', async () => {
    const kept = { [CKA.SENSITIVE]: true, [CKA.EXTRACTABLE]: false, [CKA.ID]: Buffer.from('01', 'hex') };
    owner.make('short', kept, 16);
    await expect(
      keys.generateDataKey(referenceOf({ token: 'callvault', label: 'short' }), context, wait),
    ).rejects.toMatchObject({ ...refused, message: 'the key is not an AES-256 key' });
  });

  it('reports module, token, login and mechanisms to the doctor', async () => {
    const said = [];
    for (const { name, run } of keys.provider.steps) said.push([name, await run(wait)]);
    expect(said).toEqual([
      ['load the module', expect.stringMatching(/^SoftHSM, Implementation of PKCS11 2\.\d+$/)],
      ['find the token', expect.stringMatching(/^SoftHSM project SoftHSM v2, serial [0-9a-f]{16}$/)],
      ['log in', 'as its user'],
      ['check its mechanisms', 'AES-256 keys, AES-GCM and random bytes'],
    ]);
  });

  describe('the PIN', () => {
    let file: string;
    const put = (text: string, mode = 0o400): void => {
      chmodSync(file, 0o600);
      writeFileSync(file, text);
      chmodSync(file, mode);
    };
    beforeAll(() => {
      file = join(hsm.folder, 'pin');
      writeFileSync(file, '', { mode: 0o600 });
    });

    it('is in a file that only the owner reads, and is read again at each login', async () => {
      const one = open({ ...tokenOf('by-file'), pin: { file } });
      put(`${USER_PIN}\n`, 0o440);
      await expect(one.createKey(newId('ten'), 1, wait)).rejects.toMatchObject({
        code: 'key_service_unavailable',
        message: 'the PIN file is open to others: chmod 0400',
      });
      put(`${USER_PIN}\nmore\n`);
      await expect(one.createKey(newId('ten'), 1, wait)).rejects.toMatchObject({ code: 'key_service_unavailable' });
      put(`${USER_PIN}\n`);
      const key = await one.createKey(newId('ten'), 1, wait);
      expect(await one.describe(key, wait)).toBe('enabled');
    });

    it('is tried once where it is wrong, and another one in its place', async () => {
      const wrong = 'wrong-pin-98431';
      put(wrong);
      const one = open({ ...tokenOf('wrong'), pin: { file } });
      const failures = await Promise.all(
        Array.from({ length: 8 }, () => one.createKey(newId('ten'), 1, wait).catch((error: unknown) => error)),
      );
      failures.push(await one.createKey(newId('ten'), 1, wait).catch((error: unknown) => error));
      const messages = failures.map((error) => {
        expect(error).toMatchObject(away);
        expect(inspect(error, { depth: 10 })).not.toContain(wrong);
        return (error as Error).message;
      });
      const tried = 'the token rejects the PIN (CKR_PIN_INCORRECT)';
      expect(new Set(messages)).toEqual(new Set([tried, `${tried}; callvault does not try the same PIN again`]));
      put(USER_PIN);
      expect(await one.createKey(newId('ten'), 1, wait)).toMatchObject({ scheme: 'pkcs11' });
    });
  });

  it('says which token, or module, is not there', async () => {
    const missing = open({ ...settings, token: 'not-there' });
    await expect(missing.createKey(newId('ten'), 1, wait)).rejects.toMatchObject({
      ...away,
      message: 'the token that CALLVAULT_KEYS names was not found',
    });
    await expect(open(tokenOf('twin')).createKey(newId('ten'), 1, wait)).rejects.toMatchObject({
      ...away,
      message: 'several tokens have this label: name one by ;serial= in CALLVAULT_KEYS',
    });
    const nowhere = open({ ...settings, module: '/nowhere/libhsm.so' });
    await expect(nowhere.createKey(newId('ten'), 1, wait)).rejects.toMatchObject({
      ...away,
      message: 'the PKCS#11 module cannot be loaded: check CALLVAULT_PKCS11_MODULE',
    });
  });

  it('ends its threads, and answers nothing after that', async () => {
    const one = open(settings);
    const key = await one.createKey(newId('ten'), 1, wait);
    await one.close();
    await expect(one.describe(key, wait)).rejects.toMatchObject(away);
    // The login is the whole process's: others keep theirs.
    expect(await keys.describe(key, wait)).toBe('enabled');
  });
});
