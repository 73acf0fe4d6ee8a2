// The double as KMS, used by the SDK's client: data keys bound to their context, states, names, rotation.
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kmsAt } from './clients.ts';
import { type Double, startDouble } from './double.ts';

const EncryptionContext = { 'vault:use': 'object', 'vault:tenant': 'ten_a' };
let double: Double;
let kms: KMSClient;
let KeyId: string;

beforeAll(async () => {
  double = await startDouble();
  kms = kmsAt(double);
});
afterAll(async () => {
  kms.destroy();
  await double.close();
});
beforeEach(async () => {
  await double.reset();
  KeyId = await create();
});

const create = async (client = kms): Promise<string> =>
  (await client.send(new CreateKeyCommand({ Tags: [{ TagKey: 'vault:tenant', TagValue: 'ten_a' }] }))).KeyMetadata
    ?.Arn ?? '';
const generate = () => kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext }));
const decrypt = (CiphertextBlob: Uint8Array | undefined, more: object = {}) =>
  kms.send(new DecryptCommand({ CiphertextBlob, KeyId, EncryptionContext, ...more }));

describe('the double as KMS', () => {
  it('opens a data key only under the context of its creation', async () => {
    const made = await generate();
    expect(made.KeyId).toBe(KeyId);
    expect(made.Plaintext).toHaveLength(32);
    const opened = await decrypt(made.CiphertextBlob);
    expect(opened).toMatchObject({ KeyId, Plaintext: made.Plaintext });
    expect((await decrypt(made.CiphertextBlob, { KeyId: undefined })).KeyId).toBe(KeyId);
    for (const context of [undefined, {}, { ...EncryptionContext, more: '1' }, { 'vault:tenant': 'ten_a' }]) {
      const opening = decrypt(made.CiphertextBlob, { EncryptionContext: context });
      await expect(opening).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    }
    const other = decrypt(made.CiphertextBlob, { KeyId: await create() });
    await expect(other).rejects.toMatchObject({ name: 'IncorrectKeyException' });
    const [canary] = await double.dataKeys();
    expect(canary?.bytes).toEqual(Buffer.from(made.Plaintext ?? []));
  });

  it('rejects a changed ciphertext', async () => {
    const bytes = Buffer.from((await generate()).CiphertextBlob ?? []);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(decrypt(changed)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
    }
    await expect(decrypt(bytes.subarray(0, -1))).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('encrypts, and re-encrypts under another key and context', async () => {
    const Plaintext = Buffer.from('a data key of another service');
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
    const DestinationKeyId = await create();
    const DestinationEncryptionContext = { 'vault:wrap': '2' };
    const moved = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob,
        SourceKeyId: KeyId,
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId,
        DestinationEncryptionContext,
      }),
    );
    expect(moved).toMatchObject({ SourceKeyId: KeyId, KeyId: DestinationKeyId });
    const to = { KeyId: DestinationKeyId, EncryptionContext: DestinationEncryptionContext };
    expect(Buffer.from((await decrypt(moved.CiphertextBlob, to)).Plaintext ?? [])).toEqual(Plaintext);
    await expect(decrypt(moved.CiphertextBlob)).rejects.toMatchObject({ name: 'IncorrectKeyException' });
  });

  it('names keys by the partition of their Region, and finds none of another partition', async () => {
    const cn = kmsAt(double, { region: 'cn-north-1' });
    const arn = await create(cn);
    expect(arn).toMatch(/^arn:aws-cn:kms:cn-north-1:111122223333:key\/[0-9a-f-]{36}$/);
    expect(KeyId).toMatch(/^arn:aws:kms:us-east-1:/);
    const describing = kms.send(new DescribeKeyCommand({ KeyId: arn }));
    await expect(describing).rejects.toMatchObject({ name: 'NotFoundException' });
    expect((await kms.send(new ListKeysCommand({}))).Keys?.map(({ KeyArn }) => KeyArn)).toEqual([KeyId]);
    cn.destroy();
  });

  it('uses no key that is disabled, pending deletion or deleted', async () => {
    const { CiphertextBlob } = await generate();
    const refused = async (name: string) => {
      await expect(generate()).rejects.toMatchObject({ name });
      await expect(decrypt(CiphertextBlob)).rejects.toMatchObject({ name });
    };
    const state = async () => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect(await state()).toBe('Disabled');
    await refused('DisabledException');
    await kms.send(new EnableKeyCommand({ KeyId }));
    await decrypt(CiphertextBlob);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(await state()).toBe('PendingDeletion');
    await refused('KMSInvalidStateException');
    const enabling = kms.send(new EnableKeyCommand({ KeyId }));
    await expect(enabling).rejects.toMatchObject({ name: 'KMSInvalidStateException' });
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    await refused('DisabledException');
    await kms.send(new EnableKeyCommand({ KeyId }));
    await decrypt(CiphertextBlob);
    await double.destroyKey(KeyId);
    await refused('NotFoundException');
  });

  it('finds keys by alias and by tag, page by page', async () => {
    const AliasName = 'alias/callvault/ten_a';
    const alias = () => kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
    await alias();
    await expect(alias()).rejects.toMatchObject({ name: 'AlreadyExistsException' });
    const named = await kms.send(new GenerateDataKeyCommand({ KeyId: AliasName, KeySpec: 'AES_256' }));
    expect(named.KeyId).toBe(KeyId);
    const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId }));
    expect(Aliases).toMatchObject([{ AliasName, TargetKeyId: KeyId.split('/')[1] }]);
    await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'more', TagValue: '1' }] }));
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId }));
    expect(Tags).toEqual([
      { TagKey: 'vault:tenant', TagValue: 'ten_a' },
      { TagKey: 'more', TagValue: '1' },
    ]);
    const all = [KeyId, await create(), await create()];
    await double.set({ pageSize: 2 });
    const first = await kms.send(new ListKeysCommand({}));
    expect([first.Keys?.length, first.Truncated]).toEqual([2, true]);
    const second = await kms.send(new ListKeysCommand({ Marker: first.NextMarker }));
    expect([...(first.Keys ?? []), ...(second.Keys ?? [])].map(({ KeyArn }) => KeyArn)).toEqual(all);
  });

  it('reports the schedule of a rotation', async () => {
    const status = () => kms.send(new GetKeyRotationStatusCommand({ KeyId }));
    expect(await status()).toMatchObject({ KeyRotationEnabled: false });
    await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 180 }));
    expect(await status()).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 180 });
  });

  it('rotates on demand, at once or after some status requests, up to the limit', async () => {
    const rotate = () => kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    const material = async () => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId;
    const since = async () => (await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).OnDemandRotationStartDate;
    const { CiphertextBlob } = await generate();
    const first = await material();
    await rotate();
    expect(await material()).not.toBe(first);
    await decrypt(CiphertextBlob);
    await double.set({ rotationLooks: 1, mostRotations: 2 });
    const second = await material();
    await rotate();
    await expect(rotate()).rejects.toMatchObject({ name: 'ConflictException' });
    expect([await since(), await material()]).toEqual([expect.any(Date), second]);
    expect(await since()).toBe(undefined);
    expect(await material()).not.toBe(second);
    await expect(rotate()).rejects.toMatchObject({ name: 'LimitExceededException' });
    await decrypt(CiphertextBlob);
    await decrypt((await generate()).CiphertextBlob);
  });

  it('moves an alias to another key', async () => {
    const AliasName = 'alias/callvault/ten_a';
    const TargetKeyId = await create();
    const update = () => kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId }));
    await expect(update()).rejects.toMatchObject({ name: 'NotFoundException' });
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
    await update();
    expect((await kms.send(new DescribeKeyCommand({ KeyId: AliasName }))).KeyMetadata?.Arn).toBe(TargetKeyId);
  });

  it('answers a dry run with the error of the real call, and executes nothing', async () => {
    const { CiphertextBlob } = await generate();
    const dry = { DryRun: true };
    await expect(decrypt(CiphertextBlob, dry)).rejects.toMatchObject({ name: 'DryRunOperationException' });
    const wrong = decrypt(CiphertextBlob, { ...dry, EncryptionContext: {} });
    await expect(wrong).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });
});
