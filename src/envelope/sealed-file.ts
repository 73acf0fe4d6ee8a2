// Sealed files: one object of a call, sealed to a tenant's ingest key before it is uploaded (docs/format.md §10).
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { canonicalBytes, type Json, parseCanonicalObject } from '../bytes/canonical-json.ts';
import { info } from '../bytes/derivation.ts';
import { isId } from '../bytes/ids.ts';
import { VaultError } from '../errors.ts';
import type { ByteCursor } from './byte-cursor.ts';
import { notAuthentic, openHeader } from './cobblestone.ts';
import { decapsulate, type Exporter, encapsulate, HPKE_KEY } from './hpke.ts';
import { exactMembers, textMember, wholeMember } from './json-members.ts';
import { openMessage, sealMessage } from './message.ts';
import { isObjectName } from './object.ts';
import { type ChunkBatch, lastChunk, openChunks } from './open.ts';
import { sealParts } from './seal.ts';
import type { SecretKey } from './secret-key.ts';
import { HEADER, MAX_OBJECT, partCount, sealedObjectSize } from './sizes.ts';

const SEALED_FILE_FORMAT = 'callvault/sealed@1';
/** Maximum size of a header in bytes. */
export const MAX_SEALED_HEADER = 65_536;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Base64 of 32 bytes. */
const KEM = /^[A-Za-z0-9+/]{43}=$/;

/** What a sealed file is sealed for: a tenant, its ingest key, and the file's id, a lower-case UUID. */
export type SealedFileId = { readonly tenant: string; readonly key: string; readonly id: string };

/** What a sealed file says of its content: `facts` as the body of `POST /v1/recordings`, `sha256` hex, sizes in bytes. */
export type SealedFileMeta = {
  readonly object: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
  readonly facts: { readonly [name: string]: Json };
};

/** The header of a sealed file, read and not verified: `kem` and `meta` are what its sender says. */
export type SealedFileHeader = SealedFileId & {
  readonly kem: Buffer;
  readonly meta: Buffer;
  /** The bytes before the first part. */
  readonly length: number;
};

/** An opened header: its content may be read once, with `parts`; `end` overwrites the key. */
export type OpenedSealedFile = {
  readonly meta: SealedFileMeta;
  /** The size in bytes of the whole file. */
  readonly length: number;
  /**
   * The content from the bytes after the header. It ends only where the file ends after the last part; anything else
   * throws `integrity` after zero or more authentic runs in order.
   */
  readonly parts: (cursor: ByteCursor) => AsyncGenerator<ChunkBatch, void, undefined>;
  readonly end: () => void;
};

/** Whether a text is the id of a sealed file. */
export function isSealedFileId(text: string): boolean {
  return UUID.test(text);
}

/**
 * Seals one object of a call to a public key of 32 bytes: the header, then the parts. Each piece's memory is reused when
 * the next one is requested. Throws `malformed` for metadata over the header's limit, and `conflict` where the source has
 * another size than `meta` says: then the file is not complete.
 */
export async function* sealFile(
  of: SealedFileId & { readonly publicKey: Uint8Array },
  meta: SealedFileMeta,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  requireId(of);
  const { kem, exporter } = await encapsulate(of.publicKey, sealedInfo(of));
  const { content, described } = await keysOf(exporter);
  try {
    yield headerBytes(of, kem, sealMeta(described, of, meta));
    let size = 0;
    for await (const part of sealParts(source, content, (number) => partContextOf(of, number))) {
      size += part.size;
      if (part.last && size !== meta.size)
        throw new VaultError('conflict', 'the content has another size than its metadata');
      yield part.sealed;
    }
  } finally {
    content.zero();
    described.zero();
  }
}

/** Reads the header of a sealed file. Throws `malformed`, or `format_unknown` for another format. */
export async function readSealedHeader(cursor: ByteCursor): Promise<SealedFileHeader> {
  const prefix = Buffer.from(await cursor.take(4));
  const length = prefix.length === 4 ? prefix.readUInt32BE() : 0;
  if (length === 0 || length > MAX_SEALED_HEADER) throw new VaultError('malformed', 'not a sealed file');
  const bytes = Buffer.from(await cursor.take(length));
  if (bytes.length !== length) throw new VaultError('malformed', 'the header of the sealed file was cut');
  const parsed = parseCanonicalObject(bytes);
  if (parsed['format'] !== SEALED_FILE_FORMAT)
    throw new VaultError('format_unknown', 'unknown format of a sealed file');
  const members = exactMembers(parsed, 'sealed file', ['format', 'tenant', 'key', 'id', 'kem', 'meta']);
  const of = {
    tenant: textMember(members, 'tenant', /^ten_/),
    key: textMember(members, 'key', /^ink_/),
    id: textMember(members, 'id', UUID),
  };
  requireId(of);
  const kem = fromBase64(textMember(members, 'kem', KEM));
  const meta = fromBase64(textMember(members, 'meta', /^[A-Za-z0-9+/=]*$/));
  return { ...of, kem, meta, length: prefix.length + length };
}

/** Opens a header with the seed of its ingest key. Throws `integrity` for one that was not sealed for exactly this. */
export async function openSealedHeader(seed: SecretKey, header: SealedFileHeader): Promise<OpenedSealedFile> {
  const { content, described } = await keysOf(await decapsulate(seed, header.kem, sealedInfo(header)));
  try {
    const meta = readMeta(described.use((key) => openMessage(key, metaContext(header), header.meta)));
    return {
      meta,
      length: header.length + sealedObjectSize(meta.size),
      parts: (cursor) => openParts(cursor, content, header, meta.size),
      end: () => content.zero(),
    };
  } catch (error) {
    content.zero();
    throw error;
  } finally {
    described.zero();
  }
}

async function* openParts(
  cursor: ByteCursor,
  content: SecretKey,
  of: SealedFileId,
  size: number,
): AsyncGenerator<ChunkBatch, void, undefined> {
  for (let part = 0; part < partCount(size); part++) {
    const header = Buffer.from(await cursor.take(HEADER));
    const message = content.use((key) => openHeader(key, partContextOf(of, part), header));
    try {
      yield* openChunks(cursor, { size }, message, part, 0, lastChunk({ size }, part));
    } finally {
      message.end();
    }
  }
  if (!(await cursor.atEnd())) throw notAuthentic();
}

async function keysOf(exporter: Exporter): Promise<{ readonly content: SecretKey; readonly described: SecretKey }> {
  const content = await exporter(info('callvault/sealed-content@v1'), HPKE_KEY);
  return { content, described: await exporter(info('callvault/sealed-meta@v1'), HPKE_KEY) };
}

function headerBytes({ tenant, key, id }: SealedFileId, kem: Buffer, meta: Buffer): Buffer {
  const header = canonicalBytes({
    ...{ format: SEALED_FILE_FORMAT, tenant, key, id },
    ...{ kem: toBase64(kem), meta: toBase64(meta) },
  });
  if (header.length > MAX_SEALED_HEADER) throw new VaultError('malformed', 'the metadata of the call is too long');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(header.length);
  return Buffer.concat([length, header]);
}

function sealMeta(key: SecretKey, of: SealedFileId, meta: SealedFileMeta): Buffer {
  const { object, type, size, sha256, facts } = meta;
  const plain = canonicalBytes({ object, type, size, sha256, facts });
  readMeta(plain);
  return key.use((bytes) => sealMessage(bytes, metaContext(of), plain));
}

function readMeta(bytes: Buffer): SealedFileMeta {
  const members = exactMembers(parseCanonicalObject(bytes), 'meta', ['object', 'type', 'size', 'sha256', 'facts']);
  const object = textMember(members, 'object', /^(audio|transcript\/.{1,35})$/);
  if (!isObjectName(object)) throw new VaultError('malformed', 'object is not the name of an object');
  const size = wholeMember(members, 'size', 0);
  if (size > MAX_OBJECT) throw new VaultError('body_too_large', `an object holds at most ${MAX_OBJECT} bytes`);
  const { facts } = members;
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts)) {
    throw new VaultError('malformed', 'facts is not an object');
  }
  return {
    object,
    type: textMember(members, 'type', /^[\x20-\x7e]{1,255}$/),
    size,
    sha256: textMember(members, 'sha256', /^[0-9a-f]{64}$/),
    facts: facts as SealedFileMeta['facts'],
  };
}

function requireId({ tenant, key, id }: SealedFileId): void {
  if (!isId(tenant, 'ten') || !isId(key, 'ink') || !isSealedFileId(id)) {
    throw new VaultError('malformed', 'not the identity of a sealed file');
  }
}

function sealedInfo({ tenant, key, id }: SealedFileId): Buffer {
  return info('callvault/sealed@v1', tenant, key, id);
}

function metaContext({ tenant, key, id }: SealedFileId): Buffer {
  return info('callvault/sealed-meta@v1', tenant, key, id);
}

function partContextOf({ tenant, key, id }: SealedFileId, part: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(part);
  return Buffer.concat([info('callvault/sealed-part@v1', tenant, key, id), number]);
}
