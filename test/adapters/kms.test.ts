// KMS over the wire: permanent and passing failures, deadlines, and texts of errors.
import { inspect } from 'node:util';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { kmsKeys } from '../../src/adapters/aws/kms.ts';
import { exception, type KmsReply, type KmsWire, kmsWire } from '../support/kms-wire.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'eu-central-1';
const arn = 'arn:aws:kms:eu-central-1:123456789012:key/0d2c8f1e-6a4b-4c3d-8e5f-1a2b3c4d5e6f';
const key = { scheme: 'kms', id: arn } as const;
const wrapped = { ...key, wrapped: Buffer.from('wrapped') };
const context = { 'vault:use': 'metadata' };
const wait = { signal: AbortSignal.timeout(3_600_000) };
const secret = Buffer.alloc(32, 'sixteen letters.');

let wire: KmsWire;
afterEach(() => wire.close());

async function open(answer: Parameters<typeof kmsWire>[0]) {
  wire = await kmsWire(answer);
  return kmsKeys({ endpoint: wire.endpoint, region, credentials });
}

const ok = (body: object): KmsReply => ({ status: 200, body: JSON.stringify(body) });
const plain = { KeyId: arn, Plaintext: secret.toString('base64') };

async function failed(run: Promise<unknown>): Promise<{ code: string; message: string; ms: number; error: unknown }> {
  const since = performance.now();
  const error: unknown = await run.then(
    () => new Error('nothing failed'),
    (reason: unknown) => reason,
  );
  const { code, message } = error as { code: string; message: string };
  return { code, message, ms: performance.now() - since, error };
}

describe('an answer of KMS', () => {
  it.each([
    'AccessDeniedException',
    'DisabledException',
    'IncorrectKeyException',
    'InvalidArnException',
    'InvalidCiphertextException',
    'InvalidGrantTokenException',
    'InvalidKeyUsageException',
    'NotFoundException',
    'ValidationException',
  ])('%s fails for good, at the first attempt', async (name) => {
    const keys = await open(() => exception(name));
    const { code, message } = await failed(keys.unwrap(wrapped, context, wait));
    expect(code).toBe('key_refused');
    expect(message).not.toContain('the words');
    expect(wire.asked).toHaveLength(1);
  });

  it.each([
    ['ThrottlingException', 400, 3],
    ['LimitExceededException', 400, 3],
    ['KMSInternalException', 500, 3],
    ['DependencyTimeoutException', 503, 3],
    ['KeyUnavailableException', 500, 3],
    ['InternalFailure', 500, 3],
    ['ServiceUnavailable', 503, 3],
    ['AccessDeniedException', 503, 3],
    ['ExpiredTokenException', 400, 1],
    ['UnrecognizedClientException', 400, 1],
    ['InvalidSignatureException', 400, 1],
    ['IncompleteSignature', 400, 1],
    ['MissingAuthenticationToken', 400, 1],
    ['SomethingOfTomorrowException', 400, 1],
  ])('%s with %d may pass, after %d attempts', async (name, status, tries) => {
    const keys = await open(() => exception(name, status));
    const { code, message, error } = await failed(keys.unwrap(wrapped, context, wait));
    expect(code).toBe('key_service_unavailable');
    const throttled = name === 'ThrottlingException';
    expect(error).toMatchObject({ retryAfter: throttled ? 1 : 5, throttled });
    expect(message).not.toContain('the words');
    expect(wire.asked).toHaveLength(tries);
  });

  it('that fails once is retried by the SDK', async () => {
    const keys = await open(() => (wire.asked.length < 3 ? exception('ThrottlingException') : ok(plain)));
    const dataKey = await keys.unwrap(wrapped, context, wait);
    expect(dataKey.use((bytes) => bytes.equals(secret))).toBe(true);
  });

  it.each([
    ['PendingDeletion', 'key_refused'],
    ['PendingReplicaDeletion', 'key_refused'],
    ['PendingImport', 'key_refused'],
    ['Disabled', 'key_refused'],
    ['Unavailable', 'key_service_unavailable'],
    ['Creating', 'key_service_unavailable'],
    ['Updating', 'key_service_unavailable'],
    ['Enabled', 'key_service_unavailable'],
    ['AccessDeniedException', 'key_refused'],
    ['NotFoundException', 'key_refused'],
    ['ThrottlingException', 'key_service_unavailable'],
  ])('about a key state is read together with DescribeKey: %s', async (state, code) => {
    const keys = await open(({ operation }) => {
      if (operation !== 'DescribeKey') return exception('KMSInvalidStateException');
      return state.endsWith('Exception') ? exception(state) : ok({ KeyMetadata: { KeyId: arn, KeyState: state } });
    });
    expect((await failed(keys.unwrap(wrapped, context, wait))).code).toBe(code);
  });

  it('about a key state fails for good where one of two keys is in a permanent state', async () => {
    const other = { scheme: 'kms', id: arn.replace('0d2c', '1d2c') } as const;
    const keys = await open(({ operation, body }) => {
      if (operation !== 'DescribeKey') return exception('KMSInvalidStateException');
      return ok({
        KeyMetadata: { KeyId: arn, KeyState: body['KeyId'] === other.id ? 'PendingDeletion' : 'Unavailable' },
      });
    });
    const moved = keys.rewrap(wrapped, context, { key: other, context }, wait);
    expect((await failed(moved)).code).toBe('key_refused');
  });

  it.each([
    ['Creating', 'creating'],
    ['Disabled', 'disabled'],
    ['Enabled', 'enabled'],
    ['PendingDeletion', 'pending-deletion'],
    ['PendingImport', 'pending-import'],
    ['PendingReplicaDeletion', 'pending-replica-deletion'],
    ['Unavailable', 'unavailable'],
    ['Updating', 'updating'],
  ])('%s is reported as %s', async (state, said) => {
    const keys = await open(() => ok({ KeyMetadata: { KeyId: arn, KeyState: state } }));
    expect(await keys.describe(key, wait)).toBe(said);
  });

  it('with an unknown state, or a denied DescribeKey, gives no state', async () => {
    const keys = await open(() => ok({ KeyMetadata: { KeyId: arn, KeyState: 'Resting' } }));
    expect((await failed(keys.describe(key, wait))).code).toBe('key_service_unavailable');
    await wire.close();
    const denied = await open(() => exception('AccessDeniedException'));
    expect((await failed(denied.describe(key, wait))).code).toBe('key_refused');
  });

  it('from another key than the named one is rejected, and so is an alias', async () => {
    const other = arn.replace('0d2c', '1d2c');
    const alias = arn.replace(/key\/.*/, 'alias/vault/tenant/ten_a');
    let answered = other;
    const keys = await open(() => ok({ ...plain, KeyId: answered, SourceKeyId: answered, CiphertextBlob: 'AAAA' }));
    expect((await failed(keys.unwrap(wrapped, context, wait))).code).toBe('key_refused');
    expect((await failed(keys.rewrap(wrapped, context, { key, context }, wait))).code).toBe('key_refused');
    answered = alias;
    expect((await failed(keys.generateDataKey(key, context, wait))).code).toBe('key_service_unavailable');
  });

  it('with a key of another length is rejected', async () => {
    const keys = await open(() => ok({ ...plain, Plaintext: 'AAAA', CiphertextBlob: 'AAAA' }));
    expect((await failed(keys.unwrap(wrapped, context, wait))).code).toBe('key_service_unavailable');
    expect((await failed(keys.generateDataKey(key, context, wait))).code).toBe('key_service_unavailable');
  });

  it('leaves no key in the SDK’s array', async () => {
    const send = vi.spyOn(KMSClient.prototype, 'send');
    const keys = await open(() => ok({ ...plain, CiphertextBlob: 'AAAA' }));
    const { dataKey } = await keys.generateDataKey(key, context, wait);
    const again = await keys.unwrap(wrapped, context, wait);
    expect(send.mock.results).toHaveLength(2);
    for (const { value } of send.mock.results) expect((await value).Plaintext).toEqual(new Uint8Array(32));
    for (const taken of [dataKey, again]) expect(taken.use((bytes) => bytes.equals(secret))).toBe(true);
    send.mockRestore();
  });

  it.each([
    ['cut off', (whole: string) => whole.slice(0, -1)],
    ['of two documents', (whole: string) => `${whole}x`],
    ['without quotes', (whole: string) => whole.replace(`"${plain.Plaintext}"`, plain.Plaintext)],
  ])('that is %s leaves no key in the error', async (_, damage) => {
    const body = damage(JSON.stringify(plain));
    expect(body).toContain(plain.Plaintext);
    const keys = await open(() => ({ status: 200, body }));
    const { code, error } = await failed(keys.unwrap(wrapped, context, wait));
    expect(code).toBe('key_service_unavailable');
    const shown = inspect(error, { depth: 20, showHidden: true });
    expect(shown).toContain('SyntaxError');
    expect(shown).not.toContain(plain.Plaintext.slice(0, 8));
    expect(shown).not.toContain(secret.toString('hex').slice(0, 16));
  });
});

describe('a request to KMS', () => {
  it('goes to the Region of the key, signed for it', async () => {
    const keys = await open(() => ok({ KeyMetadata: { KeyState: 'Enabled' } }));
    const regions = [region, 'us-east-1', 'cn-north-1', 'us-gov-west-1', 'ap-southeast-12'];
    const partition = (name: string) =>
      name.startsWith('cn-') ? 'aws-cn' : name.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
    for (const name of regions) {
      const id = arn.replace(region, name).replace('arn:aws:', `arn:${partition(name)}:`);
      await keys.describe({ scheme: 'kms', id }, wait);
    }
    expect(wire.asked.map((asked) => asked.region)).toEqual(regions);
  });

  it('names key and context', async () => {
    const reply = ok({ ...plain, SourceKeyId: arn, CiphertextBlob: 'AAAA' });
    const keys = await open(() => reply);
    const next = { 'vault:use': 'metadata', 'vault:wrap': '2' };
    await keys.generateDataKey(key, context, wait);
    await keys.unwrap(wrapped, context, wait);
    await keys.rewrap(wrapped, context, { key, context: next }, wait);
    const CiphertextBlob = wrapped.wrapped.toString('base64');
    expect(wire.asked.map(({ operation, body }) => ({ operation, body }))).toEqual([
      { operation: 'GenerateDataKey', body: { KeyId: arn, KeySpec: 'AES_256', EncryptionContext: context } },
      { operation: 'Decrypt', body: { KeyId: arn, CiphertextBlob, EncryptionContext: context } },
      {
        operation: 'ReEncrypt',
        body: {
          SourceKeyId: arn,
          CiphertextBlob,
          SourceEncryptionContext: context,
          DestinationKeyId: arn,
          DestinationEncryptionContext: next,
        },
      },
    ]);
  });

  it('is not sent for keys of two Regions', async () => {
    const keys = await open(() => ok({}));
    const to = { key: { scheme: 'kms', id: arn.replace(region, 'us-east-1') }, context } as const;
    expect((await failed(keys.rewrap(wrapped, context, to, wait))).code).toBe('key_refused');
    expect(wire.asked).toEqual([]);
  });

  it.each([
    ['hang', 3],
    ['stall', 1],
  ] as const)('ends within its deadline when the service does %s, after %d attempts', async (reply, tries) => {
    const keys = await open(() => reply);
    const { code, ms } = await failed(keys.unwrap(wrapped, context, wait));
    expect(code).toBe('key_service_unavailable');
    expect(ms).toBeLessThan(130_000);
    expect(wire.asked).toHaveLength(tries);
  });

  it('ends within its deadline when the service hangs up, and when no server listens', async () => {
    const keys = await open(() => 'hang-up');
    expect(await failed(keys.unwrap(wrapped, context, wait))).toMatchObject({ code: 'key_service_unavailable' });
    expect(wire.asked).toHaveLength(3);
    await wire.close();
    const { code, ms } = await failed(keys.unwrap(wrapped, context, wait));
    expect(code).toBe('key_service_unavailable');
    expect(ms).toBeLessThan(130_000);
  });

  it('ends with the caller’s signal', async () => {
    const keys = await open(() => 'hang');
    const caller = new AbortController();
    const asked = failed(keys.unwrap(wrapped, context, { signal: caller.signal }));
    // Fires once the request is in progress, however slow the machine is.
    await expect.poll(() => wire.asked.length).toBe(1);
    caller.abort();
    const { code, ms } = await asked;
    expect(code).toBe('key_service_unavailable');
    expect(ms).toBeLessThan(10_000);
    expect((await failed(keys.unwrap(wrapped, context, { signal: caller.signal }))).code).toBe(
      'key_service_unavailable',
    );
    expect(wire.asked).toHaveLength(1);
  });
});
