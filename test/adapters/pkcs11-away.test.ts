// An HSM that is unavailable or hangs: callers hear of it in time, the process goes on, and the HSM is used again. On SoftHSM 2.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HsmSettings, hsmKeys } from '../../src/adapters/pkcs11/pkcs11.ts';
import { decodeWrapped } from '../../src/adapters/pkcs11/wrapped-key.ts';
import { newId } from '../../src/bytes/ids.ts';
import type { KeyService } from '../../src/ports/key-service.ts';
import { context, hexOf, wait } from '../contract/tested-keys.ts';
import { needs, SOFTHSM_MODULE } from '../support/needs.ts';
import { type InTheWay, inTheWay, type SoftHsm, softHsm } from '../support/softhsm.ts';
import { until } from '../support/until.ts';

const { present, reason } = needs('softhsm2');
const away = { code: 'key_service_unavailable' };

describe.skipIf(!present)(`an HSM ${reason}`.trim(), () => {
  let hsm: SoftHsm;
  let way: InTheWay;
  let settings: HsmSettings;
  const opened: KeyService[] = [];
  const open = (of: Partial<HsmSettings> = {}): KeyService => {
    const made = hsmKeys({ ...settings, ...of });
    opened.push(made);
    return made;
  };

  beforeAll(() => {
    hsm = softHsm();
    way = inTheWay(hsm.folder);
    settings = { ...hsm.token('callvault'), module: way.module };
  });
  afterAll(async () => {
    way?.say('nothing');
    for (const one of opened) await one.close();
    hsm?.remove();
  });

  it('that is unavailable answers with the module’s word for it, and used again once it is back', async () => {
    way.say('nothing');
    const one = open();
    const key = await one.createKey(newId('ten'), 1, wait);
    const { wrapped, dataKey } = await one.generateDataKey(key, context, wait);
    for (const [code, name] of [
      [0x32, 'CKR_DEVICE_REMOVED'],
      [0x30, 'CKR_DEVICE_ERROR'],
      [0xe0, 'CKR_TOKEN_NOT_PRESENT'],
      [0x05, 'CKR_GENERAL_ERROR'],
      [0xb3, 'CKR_SESSION_HANDLE_INVALID'],
    ] as const) {
      way.say(code);
      for (const asked of [
        () => one.generateDataKey(key, context, wait),
        () => one.unwrap({ ...key, wrapped }, context, wait),
        () => one.describe(key, wait),
      ]) {
        await expect(asked(), name).rejects.toMatchObject({ ...away, message: expect.stringContaining(name) });
      }
      way.say('nothing');
      expect(hexOf(await one.unwrap({ ...key, wrapped }, context, wait)), name).toBe(hexOf(dataKey));
    }
  });

  it('that hangs holds up no other work: its callers hear in time, and it is used again', async () => {
    way.say('nothing');
    const one = open({ sessions: 2 });
    const key = await one.createKey(newId('ten'), 1, wait);
    const { wrapped, dataKey } = await one.generateDataKey(key, context, wait);
    way.say('hang');
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 1);
    const asked = Array.from({ length: 6 }, () =>
      one.unwrap({ ...key, wrapped }, context, { signal: AbortSignal.timeout(300) }).catch((error: unknown) => error),
    );
    for (const error of await Promise.all(asked)) {
      expect(error).toMatchObject({ ...away, message: 'no answer of the HSM in time' });
    }
    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(20);
    way.say('nothing');
    await until(
      'it opens again',
      async () => hexOf(await one.unwrap({ ...key, wrapped }, context, wait)) === hexOf(dataKey),
    );
  });

  it('leaves a session to everybody else, however much a re-wrap asks', async () => {
    way.say('nothing');
    const one = open({ sessions: 2 });
    const key = await one.createKey(newId('ten'), 1, wait);
    const { wrapped } = await one.generateDataKey(key, context, wait);
    // Both sessions are open before the HSM hangs.
    await Promise.all(Array.from({ length: 8 }, () => one.unwrap({ ...key, wrapped }, context, wait)));
    way.say('hang');
    const to = { key, context: { ...context, 'vault:wrap': '2' } };
    const over = new AbortController();
    const moving = Array.from({ length: 6 }, () =>
      one.rewrap({ ...key, wrapped }, context, to, { signal: over.signal }).catch((error: unknown) => error),
    );
    const [library] = one.provider.steps;
    expect(await library?.run(wait)).toContain('SoftHSM');
    over.abort();
    for (const error of await Promise.all(moving)) expect(error).toMatchObject(away);
    way.say('nothing');
  });

  it('that hangs does not keep the service from being closed, and what waits is answered', async () => {
    way.say('nothing');
    const one = open({ sessions: 1 });
    const key = await one.createKey(newId('ten'), 1, wait);
    way.say('hang');
    const waiting = [1, 2, 3].map(() => one.describe(key, wait).catch((error: unknown) => error));
    const closed = one.close();
    const [, ...queued] = await Promise.all([closed, ...waiting.slice(1)]);
    for (const error of queued) expect(error).toMatchObject({ ...away, message: 'the key service is closed' });
    way.say('nothing');
    await waiting[0];
  });

  it('that chooses nonces itself is used by them, and only where the configuration says so', async () => {
    way.say('nothing');
    const one = open({ nonces: 'hsm' });
    const key = await one.createKey(newId('ten'), 1, wait);
    const made = await Promise.all(Array.from({ length: 10 }, () => one.generateDataKey(key, context, wait)));
    const nonces = made.map(({ wrapped }) => Buffer.from(decodeWrapped(wrapped)?.nonce ?? []).toString('hex'));
    expect(new Set(nonces).size).toBe(10);
    for (const nonce of nonces) expect(nonce).not.toBe('00'.repeat(12));
    for (const { wrapped, dataKey } of made) {
      expect(hexOf(await open().unwrap({ ...key, wrapped }, context, wait))).toBe(hexOf(dataKey));
    }
    const plain = open({ nonces: 'hsm', module: SOFTHSM_MODULE });
    await expect(plain.generateDataKey(key, context, wait)).rejects.toMatchObject({
      ...away,
      message: 'the HSM and CALLVAULT_PKCS11_NONCE do not agree on who chooses the nonce',
    });
  });
});
