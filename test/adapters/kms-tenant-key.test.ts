// Creation of a tenant's KMS key: exactly once despite lost answers and crashes; moto behind an endpoint that interferes.
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
} from '@aws-sdk/client-kms';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { kmsKeys } from '../../src/adapters/aws/kms.ts';
import { newId } from '../../src/bytes/ids.ts';
import { exception, forward, type KmsReply, type KmsRequest, type KmsWire, kmsWire } from '../support/kms-wire.ts';
import { needs } from '../support/needs.ts';
import { serverOf } from '../support/servers/servers.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
// No other suite creates keys on this server: this one counts them.
const region = 'eu-west-3';
const wait = { signal: AbortSignal.timeout(3_600_000) };
const moto = needs('moto');

describe.skipIf(!moto.present)(`the KMS key of a tenant${moto.reason && ` (${moto.reason})`}`, () => {
  let url: string;
  let owner: KMSClient;
  let wire: KmsWire | undefined;

  beforeAll(async () => {
    ({ url } = await serverOf('moto'));
    owner = new KMSClient({ endpoint: url, region, credentials });
  });
  afterEach(() => wire?.close());

  const real = () => kmsKeys({ endpoint: url, region, credentials });

  /** A key service whose requests pass through `change`, which may answer them. */
  async function behind(change: (asked: KmsRequest) => KmsReply | Promise<KmsReply>) {
    wire = await kmsWire(change);
    return kmsKeys({ endpoint: wire.endpoint, region, credentials });
  }

  /** The ids of all keys with the tenant's tag. */
  async function tagged(tenant: string): Promise<string[]> {
    const { Keys } = await owner.send(new ListKeysCommand({}));
    const found: string[] = [];
    for (const { KeyId, KeyArn } of Keys ?? []) {
      const { Tags } = await owner.send(new ListResourceTagsCommand({ KeyId }));
      if (Tags?.some(({ TagKey, TagValue }) => TagKey === 'vault:tenant' && TagValue === tenant))
        found.push(KeyArn ?? '');
    }
    return found;
  }

  /** The tenant has this one key, complete. */
  async function expectWhole(tenant: string, id: string): Promise<void> {
    expect(await tagged(tenant)).toEqual([id]);
    const { KeyMetadata: named } = await owner.send(new DescribeKeyCommand({ KeyId: `alias/vault/tenant/${tenant}` }));
    expect(named?.Arn).toBe(id);
    const { KeyRotationEnabled } = await owner.send(new GetKeyRotationStatusCommand({ KeyId: id }));
    expect(KeyRotationEnabled).toBe(true);
  }

  const makeTagged = async (tenant: string): Promise<string> => {
    const Tags = [{ TagKey: 'vault:tenant', TagValue: tenant }];
    return (await owner.send(new CreateKeyCommand({ Tags }))).KeyMetadata?.Arn ?? '';
  };

  it('has tag, alias and rotation, and stays the same on a repeated call', async () => {
    const tenant = newId('ten');
    const keys = real();
    const { id } = await keys.createKey(tenant, 1, wait);
    expect(id).toMatch(/^arn:aws:kms:eu-west-3:\d{12}:key\/[0-9a-f-]{36}$/);
    await expectWhole(tenant, id);
    expect((await keys.createKey(tenant, 1, wait)).id).toBe(id);
    expect((await real().createKey(tenant, 1, wait)).id).toBe(id);
    await expectWhole(tenant, id);
  });

  it.each(['DescribeKey', 'ListAliases', 'ListKeys', 'CreateKey', 'EnableKeyRotation', 'CreateAlias'])(
    'is created once when the process dies before %s',
    async (operation) => {
      const tenant = newId('ten');
      let dead = false;
      const keys = await behind((asked) => {
        dead ||= asked.operation === operation;
        return dead ? exception('ExpiredTokenException') : forward(url, asked);
      });
      await expect(keys.createKey(tenant, 1, wait)).rejects.toMatchObject({ code: 'key_service_unavailable' });
      const { id } = await real().createKey(tenant, 1, wait);
      await expectWhole(tenant, id);
    },
  );

  it.each(['CreateKey', 'EnableKeyRotation', 'CreateAlias'])(
    'is created once when the answer to %s is lost',
    async (operation) => {
      const tenant = newId('ten');
      let lost = 0;
      const keys = await behind(async (asked) => {
        const reply = await forward(url, asked);
        return asked.operation === operation && lost++ === 0 ? 'hang-up' : reply;
      });
      const first = await keys.createKey(tenant, 1, wait).then(
        ({ id }) => id,
        (error: { code: string }) => error.code,
      );
      expect(lost).toBeGreaterThan(0);
      const { id } = await keys.createKey(tenant, 1, wait);
      // Only a repeated CreateKey could create a second key, so only that is never retried.
      expect(first).toBe(operation === 'CreateKey' ? 'key_service_unavailable' : id);
      await expectWhole(tenant, id);
    },
  );

  // The second call must arrive within the three seconds of the first; a busy machine may miss that.
  it('is one for two processes that create it at the same time', { retry: 3 }, async () => {
    const tenant = newId('ten');
    let creating = 0;
    let go: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      go = resolve;
    });
    const keys = await behind(async (asked) => {
      const reply = await forward(url, asked);
      if (asked.operation === 'CreateKey') {
        if (++creating === 2) go();
        await both;
      }
      return reply;
    });
    const other = kmsKeys({ endpoint: wire?.endpoint, region, credentials });
    const [one, two] = await Promise.all([keys.createKey(tenant, 1, wait), other.createKey(tenant, 1, wait)]);
    expect(one.id).toBe(two.id);
    expect(await tagged(tenant)).toHaveLength(2);
    expect((await real().createKey(tenant, 1, wait)).id).toBe(one.id);
  });

  it('is one for many concurrent calls in a process', async () => {
    const tenant = newId('ten');
    const keys = real();
    const made = await Promise.all(Array.from({ length: 8 }, () => keys.createKey(tenant, 1, wait)));
    await expectWhole(tenant, made[0]?.id ?? '');
  });

  it('is found by its tag on any page, past foreign keys and keys whose tags may not be read', async () => {
    const tenant = newId('ten');
    const others = [newId('ten'), newId('ten'), newId('ten')];
    for (const other of others) await real().createKey(other, 1, wait);
    const closed = await makeTagged(newId('ten'));
    const mine = await makeTagged(tenant);
    const keys = await behind(async (asked) => {
      if (asked.operation === 'ListResourceTags' && asked.body['KeyId'] === closed) {
        return exception('AccessDeniedException');
      }
      const reply = await forward(url, asked);
      const list = { ListKeys: 'Keys', ListAliases: 'Aliases', ListResourceTags: 'Tags' }[asked.operation];
      if (list === undefined) return reply;
      // moto has no pages: the endpoint splits its list into pages of one entry.
      const at = Number(asked.body['Marker'] ?? 0);
      const all: unknown[] = JSON.parse(reply.body)[list];
      if (list === 'Tags') all.unshift({ TagKey: 'cost', TagValue: 'centre' });
      const more = at + 1 < all.length ? { Truncated: true, NextMarker: String(at + 1) } : { Truncated: false };
      return { status: 200, body: JSON.stringify({ [list]: all.slice(at, at + 1), ...more }) };
    });
    expect((await keys.createKey(tenant, 1, wait)).id).toBe(mine);
    await expectWhole(tenant, mine);
    const { Aliases } = await owner.send(new ListAliasesCommand({}));
    const complete = (Aliases ?? []).filter(({ AliasName }) => AliasName?.startsWith('alias/vault/tenant/'));
    expect(complete.length).toBeGreaterThan(3);
    const searched = wire?.asked.filter(({ operation }) => operation === 'ListResourceTags') ?? [];
    const known = new Set(complete.map(({ TargetKeyId }) => TargetKeyId));
    known.delete(mine.slice(-36));
    expect(searched.filter(({ body }) => known.has(String(body['KeyId']).slice(-36)))).toEqual([]);
  });

  it('is neither a key disabled before it was complete, nor one with another alias', async () => {
    const tenant = newId('ten');
    const disabled = await makeTagged(tenant);
    await owner.send(new DisableKeyCommand({ KeyId: disabled.slice(-36) }));
    const { id } = await real().createKey(tenant, 1, wait);
    expect(id).not.toBe(disabled);
    const other = newId('ten');
    const theirs = await makeTagged(other);
    const AliasName = `alias/vault/tenant/${newId('ten')}`;
    await owner.send(new CreateAliasCommand({ AliasName, TargetKeyId: theirs }));
    expect((await real().createKey(other, 1, wait)).id).not.toBe(theirs);
  });

  it.each([
    ['EnableKeyRotation', 'NotFoundException', 'key_service_unavailable'],
    ['CreateAlias', 'NotFoundException', 'key_service_unavailable'],
    ['CreateKey', 'LimitExceededException', 'key_service_unavailable'],
    ['CreateKey', 'AccessDeniedException', 'key_refused'],
    ['EnableKeyRotation', 'AccessDeniedException', 'key_refused'],
    ['CreateAlias', 'AccessDeniedException', 'key_refused'],
  ])('fails when %s answers %s', async (operation, name, code) => {
    const keys = await behind((asked) => (asked.operation === operation ? exception(name) : forward(url, asked)));
    await expect(keys.createKey(newId('ten'), 1, wait)).rejects.toMatchObject({ code });
  });
});
