// Blob names: parsing them, and the prefixes of a recording and of a tenant.
import { describe, expect, it } from 'vitest';
import { newTenantKekId } from '../../src/bytes/ids.ts';
import { envelopePath, envelopePrefix, parseEnvelopePath } from '../../src/envelope/envelope.ts';
import { objectPath, objectPrefix, parseObjectPath } from '../../src/envelope/object.ts';
import { tenantKekPath, tenantKekPrefix } from '../../src/envelope/tenant-kek-blob.ts';
import { AUDIO, codeOf } from './bench.ts';

const { tenant, recording, deposit } = AUDIO;

describe('the name of an envelope', () => {
  const path = envelopePath(tenant, recording, deposit);

  it('names its deposit, and begins with its recording', () => {
    expect(parseEnvelopePath(path)).toEqual({ tenant, recording, deposit });
    expect(path.startsWith(envelopePrefix(tenant, recording))).toBe(true);
    expect(envelopePrefix(tenant, recording).startsWith(envelopePrefix(tenant, null))).toBe(true);
  });

  it.each([
    `${path}.json`,
    `${path}/x`,
    path.slice(0, -'.json'.length),
    path.replace('/e/', '/r/'),
    path.replace(recording, 'rec_x'),
    `x${path}`,
  ])('is invalid: %s', (other) => {
    expect(parseEnvelopePath(other)).toBe(null);
  });
});

describe('the name of an object', () => {
  it.each(['audio', 'transcript/zh-CN'])('names its object, and begins with its recording: %s', (name) => {
    const path = objectPath({ ...AUDIO, name });
    expect(parseObjectPath(path)).toEqual({ ...AUDIO, name });
    expect(path.startsWith(objectPrefix(tenant, recording))).toBe(true);
    expect(objectPrefix(tenant, recording).startsWith(objectPrefix(tenant, null))).toBe(true);
  });

  const path = objectPath(AUDIO);
  it.each([
    path.replace('/r/', '/e/'),
    path.replace(tenant, 'ten_x'),
    path.replace(deposit, '..'),
    path.replace('audio', 'Audio'),
    path.replace('audio', 'transcript/zh-cn'),
    `${path}/x/y`,
    `x${path}`,
  ])('is invalid: %s', (other) => {
    expect(parseObjectPath(other)).toBe(null);
  });
});

it('a prefix is rejected for an ill-formed id', () => {
  expect(tenantKekPath(tenant, newTenantKekId()).startsWith(tenantKekPrefix(tenant))).toBe(true);
  for (const prefix of [envelopePrefix, objectPrefix]) {
    expect(codeOf(() => prefix(tenant, '..'))).toBe('malformed');
    expect(codeOf(() => prefix('..', null))).toBe('malformed');
  }
  expect(codeOf(() => tenantKekPrefix('..'))).toBe('malformed');
});
