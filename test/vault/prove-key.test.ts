// The proof of a registered key before it is used: over the keyring, and over KMS on moto.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kmsKeys } from '../../src/adapters/aws/kms.ts';
import { openKeyring } from '../../src/adapters/local/keyring.ts';
import { newId } from '../../src/bytes/ids.ts';
import type { KeyContext } from '../../src/envelope/key-context.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import type { KeyReference } from '../../src/model/tenant.ts';
import type { KeyService } from '../../src/ports/key-service.ts';
import { proveKey } from '../../src/vault/core/tenants/prove-key.ts';
import { needs } from '../support/needs.ts';
import { serverOf } from '../support/servers/servers.ts';

const request = { signal: AbortSignal.timeout(3_600_000) };
const refused = { code: 'key_refused' };

function proofs(open: () => Promise<KeyService>): void {
  let keys: KeyService;
  let key: KeyReference;
  const tenant = newId('ten');
  beforeAll(async () => {
    keys = await open();
    key = await keys.createKey(tenant, 1, request);
  });

  it('proves a key under the context of the challenge, and leaves no key in memory', async () => {
    const contexts: KeyContext[] = [];
    const given: SecretKey[] = [];
    const spying: KeyService = {
      ...keys,
      generateDataKey: async (of, context, wait) => {
        const made = await keys.generateDataKey(of, context, wait);
        contexts.push(context);
        given.push(made.dataKey);
        return made;
      },
      unwrap: async (of, context, wait) => {
        const made = await keys.unwrap(of, context, wait);
        contexts.push(context);
        given.push(made);
        return made;
      },
    };
    await proveKey({ keys: spying }, key, tenant, request);
    const challenge = { 'vault:use': 'challenge', 'vault:tenant': tenant, 'vault:wrap': '0' };
    expect(contexts).toEqual([challenge, challenge]);
    for (const one of given) expect(() => one.use(() => 0)).toThrow(expect.objectContaining({ code: 'key_zeroed' }));
  });

  it('does not prove a key that answers under another name', async () => {
    const other = await keys.createKey(newId('ten'), 1, request);
    const aliased: KeyService = {
      ...keys,
      generateDataKey: (_, context, wait) => keys.generateDataKey(other, context, wait),
    };
    await expect(proveKey({ keys: aliased }, key, tenant, request)).rejects.toMatchObject(refused);
  });

  it('does not prove a key that unwraps to something else', async () => {
    const forgetful: KeyService = { ...keys, unwrap: async () => new SecretKey(Buffer.alloc(32)) };
    await expect(proveKey({ keys: forgetful }, key, tenant, request)).rejects.toMatchObject(refused);
  });

  it('does not prove a name that is no key', async () => {
    for (const id of ['', 'alias/vault/tenant/x', `${key.id}0`]) {
      await expect(proveKey({ keys }, { ...key, id }, tenant, request)).rejects.toMatchObject(refused);
    }
  });
}

describe('proving a key of the keyring', () => {
  let folder: string;
  afterAll(() => rm(folder, { recursive: true, force: true }));
  proofs(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callvault-prove-'));
    return openKeyring(join(folder, 'keyring.json'), join(folder, 'root.key'));
  });
});

const moto = needs('moto');
describe.skipIf(!moto.present)(`proving a key of KMS${moto.reason && ` (${moto.reason})`}`, () => {
  const at = { region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const open = async () => kmsKeys({ endpoint: (await serverOf('moto')).url, ...at });
  proofs(open);

  it('does not prove a disabled key, nor one of another Region', async () => {
    const keys = await open();
    const key = await keys.createKey(newId('ten'), 1, request);
    const elsewhere = { ...key, id: key.id.replace('eu-central-1', 'us-east-1') };
    await expect(proveKey({ keys }, elsewhere, newId('ten'), request)).rejects.toMatchObject(refused);
    const owner = new KMSClient({ endpoint: (await serverOf('moto')).url, ...at });
    await owner.send(new DisableKeyCommand({ KeyId: key.id.slice(-36) }));
    await expect(proveKey({ keys }, key, newId('ten'), request)).rejects.toMatchObject(refused);
  });
});
