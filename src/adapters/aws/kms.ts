// Key service over AWS KMS: generates, wraps and unwraps data keys under the tenants' KMS keys.
import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { KeyReference } from '../../model/tenant.ts';
import type { KeyOpener, KeyService, WrappedBytes } from '../../ports/key-service.ts';
import type { Wait } from '../../ports/object-store.ts';
import { isKeyArn, regionOf } from './key-arn.ts';
import { pointTenantAlias } from './kms-aliases.ts';
import { type KmsOptions, kmsClients, sendKms, withoutThrottleRetries } from './kms-clients.ts';
import { keyServiceUnavailable } from './kms-failures.ts';
import { kmsProvider } from './kms-provider.ts';
import { rotateKey } from './kms-rotation.ts';
import { rethrowByKeyState, stateOf } from './kms-state.ts';
import { createTenantKeys } from './kms-tenant-key.ts';

/**
 * KMS in each Region that a key's ARN names; new keys are created in `region`. Copies of a key's plaintext remain in
 * strings of the SDK, which cannot be overwritten, until garbage collection.
 */
export function kmsKeys(options: KmsOptions): KeyService {
  const clients = kmsClients(options);
  const onces = kmsClients(options, 1);
  const bulk = kmsClients(options, undefined, withoutThrottleRetries);
  const createKey = createTenantKeys(clients(options.region), onces(options.region));

  /** Runs a call about keys. Looks up the state where it forbids the request: KMS has one error for all states. */
  const using = <Answer>(
    keys: readonly KeyReference[],
    wait: Wait,
    send: (client: KMSClient, options: { abortSignal: AbortSignal }) => Promise<Answer>,
    by = clients,
  ): Promise<Answer> => {
    const [region, ...others] = new Set(keys.map(regionOf));
    if (region === undefined || others.length > 0)
      throw new VaultError('key_refused', 'the keys belong to different Regions');
    const answer = sendKms(wait, (abort) => send(by(region), abort));
    return answer.catch((error: unknown) => rethrowByKeyState(clients(region), keys, error, wait));
  };

  return {
    provider: kmsProvider(options),
    createKey: async (tenant, generation, wait) => ({ scheme: 'kms', id: await createKey(tenant, generation, wait) }),
    rotate: async (key, wait) => {
      const region = regionOf(key);
      const turning = rotateKey(clients(region), onces(region), key.id, wait);
      await turning.catch((error: unknown) => rethrowByKeyState(clients(region), [key], error, wait));
    },
    nameKey: async (tenant, key, wait) => pointTenantAlias(clients(regionOf(key)), tenant, key.id, wait),
    describe: async (key, wait) => stateOf(clients(regionOf(key)), key.id, wait),
    generateDataKey: async (key, context, wait) => {
      const request = { KeyId: key.id, KeySpec: 'AES_256', EncryptionContext: context } as const;
      const answer = await using([key], wait, (kms, abort) => kms.send(new GenerateDataKeyCommand(request), abort));
      const dataKey = keyIn(answer.Plaintext);
      try {
        return { dataKey, ...wrappedIn(answer) };
      } catch (error) {
        dataKey.zero();
        throw error;
      }
    },
    unwrap: async (key, context, wait) => {
      const request = { KeyId: key.id, CiphertextBlob: key.wrapped, EncryptionContext: context };
      const answer = await using([key], wait, (kms, abort) => kms.send(new DecryptCommand(request), abort));
      const dataKey = keyIn(answer.Plaintext);
      if (answer.KeyId === key.id) return dataKey;
      dataKey.zero();
      throw new VaultError('key_refused', 'another key unwrapped it');
    },
    wrap: (key, dataKey, context, wait) =>
      dataKey.use(async (bytes) => {
        const request = { KeyId: key.id, Plaintext: bytes, EncryptionContext: context };
        return wrappedIn(await using([key], wait, (kms, abort) => kms.send(new EncryptCommand(request), abort)));
      }),
    rewrap: async (key, from, to, wait) => {
      const request = {
        SourceKeyId: key.id,
        CiphertextBlob: key.wrapped,
        SourceEncryptionContext: from,
        DestinationKeyId: to.key.id,
        DestinationEncryptionContext: to.context,
      };
      const send = (kms: KMSClient, abort: { abortSignal: AbortSignal }) =>
        kms.send(new ReEncryptCommand(request), abort);
      const answer = await using([key, to.key], wait, send, bulk);
      if (answer.SourceKeyId !== key.id) throw new VaultError('key_refused', 'another key unwrapped it');
      return wrappedIn(answer);
    },
    close: async () => undefined,
  };
}

type KmsSettings = { readonly region: string; readonly endpoint: string | null };

/** Opens KMS for compose, without a call. */
export const kmsOpener: KeyOpener<KmsSettings> = { open: openKms, openExisting: openKms };

async function openKms({ region, endpoint }: KmsSettings, heard?: (time: number) => void): Promise<KeyService> {
  return kmsKeys({
    region,
    ...(endpoint === null ? {} : { endpoint }),
    ...(heard === undefined ? {} : { heard }),
  });
}

/** Takes the key of a reply and overwrites the SDK's array. */
function keyIn(plaintext: Uint8Array | undefined): SecretKey {
  if (plaintext?.length === 32) return new SecretKey(plaintext);
  plaintext?.fill(0);
  throw keyServiceUnavailable('KMS returned no key of 32 bytes');
}

function wrappedIn(answer: { KeyId?: string | undefined; CiphertextBlob?: Uint8Array | undefined }): WrappedBytes {
  const { KeyId: id, CiphertextBlob: wrapped } = answer;
  if (id === undefined || !isKeyArn(id) || wrapped === undefined)
    throw keyServiceUnavailable('KMS returned no key ARN');
  return { id, wrapped };
}
