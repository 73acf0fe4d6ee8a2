// Sealed files of the bare minimum: opened while they arrive, and deposited as any other call.
import type { IncomingMessage } from 'node:http';
import { info } from '../../../../src/bytes/derivation.ts';
import { type ByteCursor, byteCursor } from '../../../../src/envelope/byte-cursor.ts';
import { openHeader } from '../../../../src/envelope/cobblestone.ts';
import { isIngestKeyAuthentic } from '../../../../src/envelope/ingest-key-blob.ts';
import { keyContext } from '../../../../src/envelope/key-context.ts';
import { openMessage } from '../../../../src/envelope/message.ts';
import { lastChunk, openChunks } from '../../../../src/envelope/open.ts';
import { readSealedHeader, type SealedFileMeta } from '../../../../src/envelope/sealed-file.ts';
import { HEADER } from '../../../../src/envelope/sizes.ts';
import type { IngestKeyRow } from '../../../../src/model/ingest-key.ts';
import type { BareCaller } from './caller.ts';
import type { Deposit } from './deposits.ts';
import { decapsulate, type Pair, pairOf } from './hpke.ts';
import { firstOf, type Row, type Work } from './rows.ts';
import { type BareVault, FOREVER } from './vault.ts';

const HOUR_MS = 3_600_000;
const FIRST_PART = Buffer.alloc(4);

/** The upload of sealed files, and their ingest key. */
export function sealedFiles({ rows, tenant, metadataKey, keys }: BareVault, deposit: Deposit) {
  const find = rows.prepare('select * from ingest_key where tenant = ? and id = ?');
  const current = rows.prepare(`select * from ingest_key where tenant = ? and state = 'CURRENT'`);
  const arrived = rows.prepare('update ingest_key set last_file_at = ? where tenant = ? and id = ?');
  const pairs = new Map<string, Pair>();

  const unwrapped = async (id: string, row: Row): Promise<Pair> => {
    const [publicKey, wrap] = [row['public'] as Buffer, Number(row['wrap'])];
    const identity = { tenant, id, created: String(row['created']), public: publicKey, mac: row['mac'] as Buffer };
    if (!isIngestKeyAuthentic(identity, metadataKey)) throw new Error('an ingest key is forged');
    const scheme = String(row['scheme']) as IngestKeyRow['scheme'];
    const wrapped = { scheme, id: String(row['key_id']), wrapped: row['wrapped'] as Buffer };
    const seed = await keys.unwrap(wrapped, keyContext({ use: 'ingest', tenant, wrap }), FOREVER);
    const pair = seed.use((bytes) => pairOf(bytes, publicKey));
    seed.zero();
    pairs.set(id, pair);
    return pair;
  };

  const key = async (): Promise<object> => {
    const [row] = await rows.read(firstOf(current(tenant)));
    if (row === undefined) throw new Error('the tenant has no ingest key');
    return { id: row['id'], public: Buffer.from(row['public'] as Buffer).toString('base64') };
  };

  const upload = async (by: BareCaller, incoming: IncomingMessage): Promise<object> => {
    const cursor = byteCursor(incoming);
    const header = await readSealedHeader(cursor);
    const { id, kem } = header;
    // The row of each file: a retired key opens nothing.
    const [row] = await rows.read(firstOf(find(tenant, header.key)));
    if (row === undefined || header.tenant !== tenant) throw new Error('no such ingest key');
    const pair = pairs.get(header.key) ?? (await unwrapped(header.key, row));
    const secret = decapsulate(pair, kem, info('callvault/sealed@v1', tenant, header.key, id));
    const content = secret(info('callvault/sealed-content@v1'));
    const described = secret(info('callvault/sealed-meta@v1'));
    const sealedIn = info('callvault/sealed-meta@v1', tenant, header.key, id);
    const meta = JSON.parse(openMessage(described, sealedIn, header.meta).toString()) as SealedFileMeta;
    const facts = meta.facts as Readonly<Record<string, string>>;
    const context = Buffer.concat([info('callvault/sealed-part@v1', tenant, header.key, id), FIRST_PART]);
    const bytes = opened(cursor, content, context, meta.size);
    const { source = '', call_id: call = '' } = facts;
    const stored = await deposit(by, { source, call, of: (name) => facts[name] ?? '', type: meta.type, bytes }, meta);
    const last = row['last_file_at'];
    if (typeof last !== 'string' || Date.now() - Date.parse(last) > HOUR_MS)
      await rows.write(
        (function* (): Work<void> {
          yield [arrived(new Date().toISOString(), tenant, header.key)];
        })(),
      );
    return stored;
  };
  return { key, upload };
}

/** The content of a file of one part. */
async function* opened(cursor: ByteCursor, key: Buffer, context: Buffer, size: number): AsyncGenerator<Buffer> {
  const message = openHeader(key, context, Buffer.from(await cursor.take(HEADER)));
  try {
    for await (const run of openChunks(cursor, { size }, message, 0, 0, lastChunk({ size }, 0))) yield* run;
    if (!(await cursor.atEnd())) throw new Error('the sealed file has another length');
  } finally {
    message.end();
    key.fill(0);
  }
}
