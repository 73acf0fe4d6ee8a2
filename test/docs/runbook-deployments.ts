// The deployments of runbooks, each with the values of its pages' variables.
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { kmsKeys } from '../../src/adapters/aws/kms.ts';
import { folderStore } from '../../src/adapters/local/folder-store.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { continueErasures } from '../../src/vault/erasure/continue-erasures.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { serverOf } from '../support/servers/servers.ts';
import { signerFile } from '../support/signer-file.ts';
import { environmentOf, wavOf } from '../support/vault.ts';
import { type Cast, makeWorld, type World, type WorldOptions } from '../support/world.ts';
import { TOP } from './documents.ts';

/** A deployment: the environment that its commands run in, with the page's variables. */
export type Deployed = { readonly env: Record<string, string>; readonly end: () => Promise<void> };

const REGION = 'us-east-1';
const request = () => ({ signal: AbortSignal.timeout(600_000) });

/** SQLite, a folder and a keyring. */
export async function onKeyring(): Promise<Deployed> {
  const world = await makeWorld();
  return {
    env: { ...(await filled(world, join(world.folder, 'store'))), ...environmentOf(world.folder) },
    end: world.end,
  };
}

/** SQLite, a folder, and the keys in moto's KMS, which the AWS CLI uses as well. */
export async function onKms(folder: string): Promise<Deployed> {
  const moto = await serverOf('moto');
  const store = join(folder, 'store');
  const login = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'testsecret', AWS_REGION: REGION };
  const credentials = { accessKeyId: login.AWS_ACCESS_KEY_ID, secretAccessKey: login.AWS_SECRET_ACCESS_KEY };
  const keys = kmsKeys({ endpoint: moto.url, region: REGION, credentials });
  const engines: WorldOptions['engines'] = {
    store: folderStore(store),
    keys,
    place: { region: '', bucket: '', prefix: '' },
  };
  const world = await makeWorld({ engines });
  const env = {
    ...(await filled(world, store)),
    ...environmentOf(world.folder),
    ...login,
    AWS_DEFAULT_REGION: REGION,
    AWS_ENDPOINT_URL_KMS: moto.url,
    AWS_PAGER: '',
    CALLVAULT_STORE: `folder:${store}`,
    CALLVAULT_KEYS: 'kms:',
    CALLVAULT_KMS_ENDPOINT: moto.url,
  };
  return { env, end: world.end };
}

/** A deployment without its database: the store, the keyring, and a copy of the database from before an erasure. */
export async function withoutIndex(folder: string): Promise<Deployed> {
  const world = await makeWorld();
  const env = await filled(world, join(world.folder, 'store'));
  const erased = await deposited(world, world.harbour, 'erased', 4);
  const backup = join(folder, 'backup.db');
  world.sql.exec(`vacuum into '${backup}'`);
  const { tenant } = world.harbour;
  await eraseRecording(world.vault, operatorActor('op-1'), { tenant, recording: erased, reason: 'request' }, request());
  await continueErasures(world.vault, request());
  const left = join(folder, 'left');
  await mkdir(left);
  for (const name of ['store', 'keyring.json', 'root', 'signer.pem']) {
    await cp(join(world.folder, name), join(left, name), { recursive: true, preserveTimestamps: true });
  }
  await world.end();
  const signer = { CALLVAULT_SIGNER: join(left, 'signer.pem') };
  const more = { BACKUP: backup, DATABASE: join(left, 'vault.db'), ERASED: erased, ...signer };
  return { env: { ...env, ...more, ...environmentOf(left) }, end: async () => undefined };
}

/** Three calls of the tenant, one of which a person plays; and a tenant with a missing envelope. */
async function filled(world: World, store: string): Promise<Record<string, string>> {
  const { harbour, yunhai, vault } = world;
  const recording = await deposited(world, harbour, 'one', 1);
  const other = await deposited(world, harbour, 'two', 2);
  await deposited(world, harbour, 'three', 3);
  const broken = await deposited(world, yunhai, 'one', 1);
  await rm(join(store, 't', yunhai.tenant, 'e', broken), { recursive: true });
  const grant = await world.grant(harbour, recording);
  const session = await world.session(harbour, grant);
  await (await world.call('GET', `/v1/sessions/${session}/media`, { key: harbour.reviewer.key })).arrayBuffer();
  const { url } = await world.listen();
  const row = await vault.db.read((rows) => rows.tenants.find(harbour.tenant), request());
  const tenants = await vault.db.read((rows) => rows.tenants.all(), request());
  const keyOf = async (principal: string): Promise<string> =>
    (await vault.db.read((rows) => rows.principals.apiKeys(harbour.tenant, principal), request()))[0]?.id ?? '';
  return {
    HOME: '/nonexistent',
    CALLVAULT_OPERATOR: 'op-17',
    CALLVAULT_SIGNER: signerFile(join(world.folder, 'signer.pem')),
    V: url,
    TENANT: harbour.tenant,
    BROKEN: yunhai.tenant,
    LOST: broken,
    KEY: row?.key?.id ?? '',
    KEYS: tenants.flatMap(({ key }) => key?.id ?? []).join(' '),
    PERSON: harbour.reviewer.id,
    SERVICE: harbour.uploader.id,
    API_KEY: await keyOf(harbour.reviewer.id),
    SERVICE_KEY: await keyOf(harbour.uploader.id),
    NODE: 'node-1',
    SINCE: new Date(Date.now() - 86_400_000).toISOString().slice(0, 10),
    RECORDING: recording,
    OTHER: other,
    SESSION: session,
    UPLOADER: harbour.uploader.key,
    REVIEWER: harbour.reviewer.key,
    SUPERVISOR: harbour.supervisor.key,
    AUDITOR: harbour.auditor.key,
    CALL: join(TOP, 'scripts/samples/harbour-1-lost-card.wav'),
    KEYRING: join(world.folder, 'keyring.json'),
    DOCS: join(TOP, 'docs'),
  };
}

async function deposited(world: World, cast: Cast, call: string, seconds: number): Promise<string> {
  const headers = { 'vault-meta-from': `+44207946010${seconds}`, 'vault-meta-to': '+442079460000' };
  return world.deposited(cast, call, wavOf(16_000 * seconds), headers);
}
