// Blobs, columns, blind indexes and wrapped keys against the frozen vectors, and the program that generated them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../src/bytes/base64.ts';
import { parseCanonicalObject } from '../../src/bytes/canonical-json.ts';
import { normalText } from '../../src/bytes/normal-text.ts';
import { blindIndex, naturalKey, phoneLast4, phoneValue } from '../../src/envelope/blind-index.ts';
import { openColumn, sealColumn } from '../../src/envelope/column.ts';
import { encodeEnvelope, envelopePath, parseEnvelope, verifyEnvelope } from '../../src/envelope/envelope.ts';
import { openFacts, sealFacts } from '../../src/envelope/facts.ts';
import { keyContext } from '../../src/envelope/key-context.ts';
import { keyVersionContext, unwrapLocally, wrapLocally, wrappingVersion } from '../../src/envelope/local-wrap.ts';
import { openMessage, sealMessage } from '../../src/envelope/message.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import {
  encodeTenant,
  encodeTombstone,
  openTombstone,
  parseTenant,
  tenantPath,
  verifyTenant,
} from '../../src/envelope/tenant-blob.ts';
import { needs } from '../support/needs.ts';
import { codeOf } from './bench.ts';
import { frozen, hex, keyFrom } from './frozen-vectors.ts';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

describe('a blind index', () => {
  const vectors = frozen.blind_index;
  const key = keyFrom(vectors.metadata_key);

  it.each(vectors.text)('of $label $text uses its normal form', ({ label, text: value, normalised, index }) => {
    expect(normalText(value)).toBe(normalised);
    expect(hexOf(blindIndex(key, label, normalText(value)))).toBe(index);
  });

  it.each(vectors.phone)('of telephone number $phone', ({ phone, index, last4, last4_index }) => {
    expect(phoneValue(phone, phone.startsWith('+') ? phone : null)).toBe(phone);
    expect(hexOf(blindIndex(key, 'phone', phone))).toBe(index);
    expect(phoneLast4(phone)).toBe(last4 ?? null);
    if (last4 !== undefined) expect(hexOf(blindIndex(key, 'phone-last4', last4))).toBe(last4_index);
  });

  it.each(vectors.natural)('of call $source $call_id $leg uses its exact bytes', (vector) => {
    const value = naturalKey(vector.source, vector.call_id, vector.leg);
    expect(hexOf(value)).toBe(vector.value);
    expect(hexOf(blindIndex(key, 'natural', value))).toBe(vector.index);
  });

  it.each(vectors.idempotency)('of idempotency key $key', ({ key: value, index }) => {
    expect(hexOf(blindIndex(key, 'idempotency', value))).toBe(index);
  });
});

describe('a sealed column', () => {
  const key = keyFrom(frozen.row.metadata_key);

  it.each(frozen.row.columns)('$column of $row equals the vector', ({ salt, plaintext, message, ...place }) => {
    expect(hexOf(sealColumn(key, place, Buffer.from(plaintext), hex(salt)))).toBe(message);
    expect(text(openColumn(key, place, hex(message)))).toBe(plaintext);
  });
});

describe('sealed facts', () => {
  it('equal the vector', () => {
    const { json, salt, sealed, data_key, ...place } = frozen.facts;
    const facts = parseCanonicalObject(Buffer.from(json));
    expect(toBase64(sealFacts(keyFrom(data_key), place, facts, hex(salt)))).toBe(sealed);
    expect(openFacts(keyFrom(data_key), place, fromBase64(sealed))).toEqual(JSON.parse(json));
  });
});

describe('an envelope', () => {
  const vectors = frozen.envelope;
  const dataKey = keyFrom(vectors.data_key);

  /** Opens completely: form and members, the key with its context, MAC. */
  function openWhole(json: string): void {
    const bytes = Buffer.from(json);
    const { tenant, recording, deposit, key } = parseEnvelope(bytes);
    const version = frozen.keyring.versions.find(({ n }) => n === wrappingVersion(key.wrapped));
    const context = keyContext({ use: 'object', tenant, recording, deposit, wrap: key.wrap });
    verifyEnvelope(bytes, new SecretKey(unwrapLocally(hex(version?.key ?? ''), context, key.wrapped)));
  }

  it.each(['json', 'rewrapped'] as const)('equals the vector (%s) and decodes', (which) => {
    const envelope = parseEnvelope(Buffer.from(vectors[which]));
    expect(text(encodeEnvelope(envelope, dataKey))).toBe(vectors[which]);
    expect(envelopePath(envelope.tenant, envelope.recording, envelope.deposit)).toBe(vectors.path);
    expect(JSON.parse(vectors[which]).mac).toBe(vectors.mac);
    openWhole(vectors[which]);
    expect(toBase64(envelope.facts)).toBe(frozen.facts.sealed);
  });

  const CODES: Readonly<Record<string, string>> = {
    'unknown format, its mac right': 'format_unknown',
    'unknown scheme': 'format_unknown',
    'mac of something else': 'integrity',
    'created changed': 'integrity',
    'wrap changed': 'integrity',
  };

  it.each(vectors.refused)('is rejected: $name', ({ name, json }) => {
    expect(codeOf(() => openWhole(json))).toBe(CODES[name] ?? 'malformed');
  });
});

describe('tenant.json', () => {
  const vectors = frozen.tenant_json;
  const key = keyFrom(vectors.metadata_key);

  it.each(['json', 'rewrapped'] as const)('equals the vector (%s) and decodes', (which) => {
    const bytes = Buffer.from(vectors[which]);
    const blob = parseTenant(bytes);
    verifyTenant(bytes, key);
    expect(text(encodeTenant(blob, key))).toBe(vectors[which]);
    expect(tenantPath(blob.tenant)).toBe(vectors.path);
    expect(JSON.parse(vectors[which]).mac).toBe(vectors.mac);
  });
});

describe('a tombstone', () => {
  it('equals the vector and decodes', () => {
    const key = keyFrom(frozen.tombstone.metadata_key);
    const tombstone = openTombstone(Buffer.from(frozen.tombstone.json), key);
    expect(text(encodeTombstone(tombstone, key))).toBe(frozen.tombstone.json);
  });
});

describe('the keyring', () => {
  const vectors = frozen.keyring;

  it.each(vectors.versions)('seals version $n under its root', ({ n, key, salt, context }) => {
    expect(hexOf(keyVersionContext(vectors.id, n))).toBe(context);
    const sealed = toBase64(sealMessage(hex(vectors.root), keyVersionContext(vectors.id, n), hex(key), hex(salt)));
    expect(JSON.parse(vectors.json).keys[0].versions[n - 1].sealed).toBe(sealed);
    expect(hexOf(openMessage(hex(vectors.root), keyVersionContext(vectors.id, n), fromBase64(sealed)))).toBe(key);
  });

  it.each(vectors.wrapped)('wraps under version $version with $encryption_context', (vector) => {
    const kek = hex(vectors.versions.find(({ n }) => n === vector.version)?.key ?? '');
    const context = vector.encryption_context;
    expect(toBase64(wrapLocally(kek, vector.version, context, hex(vector.data_key), hex(vector.salt)))).toBe(
      vector.wrapped,
    );
    expect(wrappingVersion(fromBase64(vector.wrapped))).toBe(vector.version);
    expect(hexOf(unwrapLocally(kek, context, fromBase64(vector.wrapped)))).toBe(vector.data_key);
  });

  it.each(vectors.wrapped.filter(({ encryption_context: c }) => /^(object|metadata)$/.test(c['vault:use'] ?? '')))(
    'uses the context of the row: $encryption_context',
    ({ encryption_context: context }) => {
      const { 'vault:tenant': tenant = '', 'vault:recording': recording = '', 'vault:deposit': deposit = '' } = context;
      const wrap = Number(context['vault:wrap']);
      const made =
        context['vault:use'] === 'object'
          ? keyContext({ use: 'object', tenant, recording, deposit, wrap })
          : keyContext({ use: 'metadata', tenant, wrap });
      expect(made).toEqual(context);
    },
  );
});

const python = needs('python-cryptography');
describe.skipIf(!python.present)(`the independent program${python.present ? '' : ` (${python.reason})`}`, () => {
  const folder = fileURLToPath(new URL('../vectors/', import.meta.url));
  const run = (program: string, ...options: string[]) =>
    spawnSync('/usr/bin/python3', [`${folder}${program}`, ...options], { encoding: 'utf8', timeout: 600_000 });

  it('passes the published cases', () => {
    expect(run('generate.py', '--wycheproof')).toMatchObject({ status: 0, stdout: '35 passed, 0 failed\n' });
  });

  it('generates the same frozen vectors', () => {
    expect(run('generate.py', '--check', `${folder}frozen.json`)).toMatchObject({ status: 0, stderr: '' });
  });

  it('generates the same vectors of amendments', () => {
    expect(run('amendments.py', '--check', `${folder}amendments.json`)).toMatchObject({ status: 0, stderr: '' });
  });

  it('generates the same vectors of the log', () => {
    expect(run('tlog.py', '--check', `${folder}tlog.json`)).toMatchObject({ status: 0, stderr: '' });
  });
});
