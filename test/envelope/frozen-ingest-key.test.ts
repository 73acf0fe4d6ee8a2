// The ingest key's blob and note against the frozen vectors, which another program made from the format's page.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ingestPublicKey } from '../../src/envelope/hpke.ts';
import {
  encodeIngestKey,
  ingestKeyMac,
  ingestKeyPath,
  parseIngestKey,
  parseIngestKeyPath,
  verifyIngestKey,
} from '../../src/envelope/ingest-key-blob.ts';
import { keyContext } from '../../src/envelope/key-context.ts';
import { unwrapLocally } from '../../src/envelope/local-wrap.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import { ingestKeyText } from '../../src/model/log/ingest-key-note.ts';
import { hex, keyFrom } from './frozen-vectors.ts';

type Vectors = {
  readonly tenant: string;
  readonly key: string;
  readonly seed: string;
  readonly public: string;
  readonly ingest_key: Readonly<Record<'metadata_key' | 'mac' | 'json' | 'path' | 'version_key' | 'note', string>>;
};
const file = new URL('../vectors/sealed-files.json', import.meta.url);
const {
  tenant,
  key: id,
  seed,
  public: publicKey,
  ingest_key: vector,
} = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

describe('the ingest key of the vectors', () => {
  const bytes = Buffer.from(vector.json);
  const metadataKey = keyFrom(vector.metadata_key);

  it('equals the vector in bytes, MAC and name', () => {
    const blob = parseIngestKey(bytes);
    verifyIngestKey(bytes, metadataKey);
    expect(encodeIngestKey(blob).toString()).toBe(vector.json);
    expect(ingestKeyMac(blob, metadataKey).toString('base64')).toBe(vector.mac);
    expect(ingestKeyPath(tenant, id)).toBe(vector.path);
    expect(parseIngestKeyPath(tenant, vector.path)).toBe(id);
    expect(Buffer.from(blob.public).toString('hex')).toBe(publicKey);
  });

  it('wraps the seed of its public key under its own context', async () => {
    const { key } = parseIngestKey(bytes);
    const opened = unwrapLocally(
      hex(vector.version_key),
      keyContext({ use: 'ingest', tenant, wrap: key.wrap }),
      key.wrapped,
    );
    expect(Buffer.from(opened).toString('hex')).toBe(seed);
    expect((await ingestPublicKey(new SecretKey(opened))).toString('hex')).toBe(publicKey);
  });

  it('has the note of the vector', () => {
    const { created, public: key } = parseIngestKey(bytes);
    expect(ingestKeyText(`vault.example/${tenant}`, { id, public: key, created })).toBe(vector.note);
  });
});
