// The bare minimum's vault: one tenant, its keys in memory, and the rows and blobs of the engines that its variables name.
import { openKeyring } from '../../../../src/adapters/local/keyring.ts';
import { keyContext } from '../../../../src/envelope/key-context.ts';
import type { SecretKey } from '../../../../src/envelope/secret-key.ts';
import { type NoticeReference, noticeIn } from '../../../../src/model/basis.ts';
import type { KeyService } from '../../../../src/ports/key-service.ts';
import type { Blobs } from './blobs.ts';
import { openFolderBlobs } from './folder.ts';
import { type AppendEvents, logOf } from './log.ts';
import { openPostgresRows } from './postgres.ts';
import { firstOf, type Row, type Rows } from './rows.ts';
import { openS3Blobs } from './s3.ts';
import { openSqliteRows } from './sqlite.ts';

/** The tenant's key in the keyring, and its generation. */
export type TenantKey = { readonly scheme: 'keyring'; readonly id: string; readonly wrap: number };

export type BareVault = {
  readonly rows: Rows;
  readonly blobs: Blobs;
  readonly tenant: string;
  readonly tenantKey: TenantKey;
  readonly metadataKey: SecretKey;
  readonly keys: KeyService;
  /** The policy that requests name. */
  readonly policy: string;
  /** The notice that callers hear, which the facts of a call name. */
  readonly notice: NoticeReference;
  readonly append: AppendEvents;
};

/** Waits of this program never end: it has no deadlines. */
export const FOREVER = { signal: new AbortController().signal };

/** Opens what the product's `init` made, by the variables that it wrote. */
export async function openBareVault(variables: Readonly<Record<string, string>>, tenant: string): Promise<BareVault> {
  const of = (name: string): string => variables[`CALLVAULT_${name}`] ?? '';
  const pathIn = (name: string): string => of(name).replace(/^[a-z]+:/, '');
  const embedded = !of('DATABASE').startsWith('postgres');
  const rows = embedded ? openSqliteRows(pathIn('DATABASE')) : openPostgresRows(of('DATABASE'));
  const [row, policy] = await rows.read(
    firstOf(
      rows.prepare('select * from tenant where tenant = ?')(tenant),
      rows.prepare('select id from policy where tenant = ? order by created desc, id desc')(tenant),
    ),
  );
  if (row === undefined || policy === undefined) throw new Error('there is no such tenant');
  const notice = noticeIn(String(row['default_notice']));
  if (notice === null) throw new Error('the tenant has no announcement');
  const keys = await openKeyring(pathIn('KEYS'), of('KEYRING_ROOT'));
  const metadata = {
    scheme: 'keyring',
    id: String(row['metadata_key_id']),
    wrapped: row['metadata_wrapped'] as Buffer,
  } as const;
  const context = keyContext({ use: 'metadata', tenant, wrap: Number(row['metadata_wrap']) });
  const metadataKey = await keys.unwrap(metadata, context, FOREVER);
  return {
    ...{ rows, tenant, metadataKey, keys },
    blobs: of('STORE').startsWith('s3:')
      ? openS3Blobs(placeOf(row, of('S3_ENDPOINT')))
      : openFolderBlobs(pathIn('STORE')),
    tenantKey: { scheme: 'keyring', id: String(row['key_id']), wrap: Number(row['wrap']) },
    policy: String(policy['id']),
    notice,
    append: logOf(rows, tenant, metadataKey, { origin: of('ORIGIN'), node: of('NODE') }),
  };
}

function placeOf({ region, bucket, prefix }: Row, endpoint: string) {
  const before = prefix === '' ? '' : `${String(prefix)}/`;
  return { endpoint, region: String(region), bucket: String(bucket), prefix: before };
}
