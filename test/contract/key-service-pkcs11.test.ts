// An HSM by PKCS #11 keeps the contract of key services, on SoftHSM 2.
import { afterAll } from 'vitest';
import { hsmKeys } from '../../src/adapters/pkcs11/pkcs11.ts';
import { referenceOf } from '../../src/adapters/pkcs11/reference.ts';
import type { KeyService } from '../../src/ports/key-service.ts';
import { administratorOf, type SoftHsm, softHsm } from '../support/softhsm.ts';
import { keyServiceContract } from './key-service.ts';

const opened: { readonly keys: KeyService; readonly hsm: SoftHsm }[] = [];
afterAll(async () => {
  for (const { keys, hsm } of opened) {
    await keys.close();
    hsm.remove();
  }
});

const cannot = {
  'rejects a key that is pending-deletion, reports that state, and accepts the key once it is enabled':
    'an object of a token is there or destroyed',
};

keyServiceContract({ name: 'PKCS#11 on SoftHSM 2', server: 'softhsm2', cannot }, async () => {
  const hsm = softHsm();
  const settings = hsm.token('callvault');
  const keys = hsmKeys(settings);
  opened.push({ keys, hsm });
  return {
    keys,
    put: administratorOf(settings).put,
    unknown: () => ['callvault-ten_nobody-1', 'ключ 钥'].map((label) => referenceOf({ token: 'callvault', label })),
    nameless: ({ id }) => [
      '',
      'pkcs11:',
      'pkcs11:token=callvault',
      `${id};type=secret-key`,
      `${id};id=%01`,
      `${id}?pin-value=1234`,
      `${id}%20`,
      `${id}\n`,
      id.replace('token=callvault', 'token=other'),
      id.replace('token=callvault', 'token=%63allvault'),
      id.replace('pkcs11:', 'PKCS11:'),
    ],
  };
});
