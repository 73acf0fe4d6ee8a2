// Media probes and telephone numbers: detected types, lengths of calls, forms of numbers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { phoneNumbers } from '../../src/adapters/media/phone-numbers.ts';
import type { MediaFacts } from '../../src/ports/media-probe.ts';
import { lengthProbes } from '../support/decoded-sound.ts';

const SAMPLES = join(import.meta.dirname, '../../scripts/samples');
const probes = lengthProbes();
const phones = phoneNumbers();

function probe(type: string, bytes: Buffer, piece = 7_001): Promise<MediaFacts> {
  const begun = probes.begin(type, bytes.subarray(0, 65_536));
  for (let at = 0; at < bytes.length; at += piece) begun.push(bytes.subarray(at, at + piece));
  return begun.finish();
}

function chunk(id: string, body: Buffer, length = body.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 0, 'latin1');
  head.writeUInt32LE(length >>> 0, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function format(code: number, channels: number, rate: number, bits: number): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(code, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt32LE((rate * channels * bits) / 8, 8);
  body.writeUInt16LE((channels * bits) / 8, 12);
  body.writeUInt16LE(bits, 14);
  return body;
}

function wav(...chunks: readonly Buffer[]): Buffer {
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));
}

const PCM = chunk('fmt ', format(1, 1, 8_000, 16));
const SECOND = Buffer.alloc(16_000);

describe('a WAV', () => {
  it.each([
    ['harbour-1-lost-card.wav'],
    ['harbour-2-payment-check.wav'],
    ['harbour-3-transfer-zh.wav'],
    ['yunhai-1-change-flight.wav'],
  ])('from the samples, %s, has the length and channels of its header', async (name) => {
    const bytes = readFileSync(join(SAMPLES, name));
    const at = bytes.indexOf('data');
    const seconds = bytes.readUInt32LE(at + 4) / bytes.readUInt32LE(28);
    expect(await probe('audio/wav', bytes)).toMatchObject({
      durationMs: Math.round(seconds * 1000),
      channels: bytes.readUInt16LE(22),
    });
  });

  it.each([
    ['16 bit PCM, mono', format(1, 1, 8_000, 16), { durationMs: 1_000, channels: 1 }],
    ['16 bit PCM, two channels', format(1, 2, 8_000, 16), { durationMs: 500, channels: 2 }],
    ['µ-law', format(7, 1, 8_000, 8), { durationMs: 2_000, channels: 1 }],
    ['A-law, two channels', format(6, 2, 8_000, 8), { durationMs: 1_000, channels: 2 }],
  ])('of %s is measured by its bytes', async (_, fmt, facts) => {
    expect(await probe('audio/wav', wav(chunk('fmt ', fmt), chunk('data', SECOND)))).toMatchObject(facts);
  });

  it('that claims more than it has is as long as its bytes', async () => {
    const bytes = wav(PCM, chunk('data', SECOND, 16_000_000));
    expect(await probe('audio/wav', bytes)).toMatchObject({ durationMs: 1_000, channels: 1 });
  });

  it.each([0, 0xffff_ffff])('written live, with the length %d, is as long as its bytes', async (length) => {
    const bytes = wav(PCM, chunk('data', SECOND, length));
    expect(await probe('audio/x-wav', bytes)).toMatchObject({ durationMs: 1_000, channels: 1 });
  });

  it('with chunks before and after its data counts its data only', async () => {
    const list = chunk('LIST', Buffer.from('INFOodd'));
    const bytes = wav(list, PCM, list, chunk('data', SECOND), list);
    expect(await probe('audio/wav', bytes)).toMatchObject({ durationMs: 1_000, channels: 1 });
  });

  it.each([
    ['a fmt chunk that is cut', wav(PCM).subarray(0, 30)],
    ['a short fmt chunk', wav(chunk('fmt ', Buffer.alloc(14)), chunk('data', SECOND))],
    ['no fmt chunk', wav(chunk('data', SECOND))],
    ['no data chunk', wav(PCM)],
    ['no channels', wav(chunk('fmt ', format(1, 0, 8_000, 16)), chunk('data', SECOND))],
    ['no rate', wav(chunk('fmt ', format(1, 1, 0, 16)), chunk('data', SECOND))],
    ['another RIFF', chunk('RIFF', Buffer.from('AVI LIST'))],
    ['nothing but RIFF', Buffer.from('RIFF')],
  ])('with %s is not one', (_, bytes) => {
    expect(() => probes.begin('audio/wav', bytes)).toThrow(expect.objectContaining({ code: 'media_type_mismatch' }));
  });
});

describe('other containers', () => {
  const heads = {
    'audio/mpeg': Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'),
    'audio/ogg': Buffer.from('OggS\0\x02', 'latin1'),
    'audio/flac': Buffer.from('fLaC\0\0\0\x22', 'latin1'),
    'audio/mp4': Buffer.from('\0\0\0\x18ftypM4A ', 'latin1'),
    'audio/wav': wav(PCM, chunk('data', SECOND)),
  };

  it.each(Object.entries(heads))('%s is detected by its first bytes, and as no other type', (type, head) => {
    expect(probes.begin(type, head)).toBeDefined();
    for (const other of Object.keys(heads).filter((name) => name !== type)) {
      expect(() => probes.begin(other, head)).toThrow(expect.objectContaining({ code: 'media_type_mismatch' }));
    }
  });

  it('MP3 is detected by a frame, too', () => {
    expect(probes.begin('audio/mp3', Buffer.from([0xff, 0xfb, 0x90, 0x00]))).toBeDefined();
  });

  it.each(Object.entries(heads).filter(([type]) => type !== 'audio/wav'))(
    '%s with unparsable content costs the duration, not the deposit',
    async (type, head) => {
      const facts = await probe(type, Buffer.concat([head, Buffer.alloc(100_000, 0x5a)]));
      expect(facts.durationMs === null || facts.durationMs >= 0).toBe(true);
    },
  );

  it('a type that is not accepted is rejected by name', () => {
    const unsupported = expect.objectContaining({ code: 'media_type_unsupported' });
    for (const type of ['video/mp4', 'text/plain', 'audio/midi', 'constructor', 'toString', '']) {
      expect(() => probes.begin(type, SECOND)).toThrow(unsupported);
    }
  });
});

describe('docs/media.md', () => {
  it('lists every spelling that is accepted, and no other', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/media.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `(audio\/[a-z0-9]+)` \| (`[^|]*`) \|/gm)];
    const told = rows.flatMap(([, type, more]) => [type, ...(more ?? '').split(', ').map((one) => one.slice(1, -1))]);
    expect(told.length).toBeGreaterThan(15);
    expect([...told, 'application/octet-stream'].sort()).toEqual([...probes.types].sort());
  });
});

describe('a telephone number', () => {
  it.each([
    ['GB', '020 7946 0123', '+442079460123'],
    ['GB', '(020) 7946-0123', '+442079460123'],
    ['GB', '+44 (0)20 7946 0123', '+442079460123'],
    ['GB', '00442079460123', '+442079460123'],
    ['GB', '07400 123456', '+447400123456'],
    ['GB', '+86 138 0013 8000', '+8613800138000'],
    ['CN', '138 0013 8000', '+8613800138000'],
    ['CN', '010-8888 8888', '+861088888888'],
    ['CN', '+8613800138000', '+8613800138000'],
    ['CN', '１３８００１３８０００', '+8613800138000'],
    ['US', '(212) 555-0123', '+12125550123'],
    ['US', '1-212-555-0123', '+12125550123'],
    ['US', '011 44 20 7946 0123', '+442079460123'],
  ])('in %s written %s is %s', (country, text, e164) => {
    expect(phones.e164(text, country)).toBe(e164);
  });

  it.each([
    ['CN', '10086'],
    ['CN', '95588'],
    ['GB', '999'],
    ['GB', '2041'],
    ['GB', 'sip:2041@pbx.example'],
    ['GB', 'anonymous'],
    ['GB', ''],
    ['US', '555-0123'],
    ['XX', '020 7946 0123'],
  ])('in %s %s is not a number', (country, text) => {
    expect(phones.e164(text, country)).toBeNull();
  });

  it.each(['sip:+442079460123@pbx.example', 'tel:+442079460123', '020 7946 0123 ext. 5', '+442079460123;ext=5'])(
    'is extracted from an address, or without its extension: %s',
    (text) => {
      expect(phones.e164(text, 'GB')).toBe('+442079460123');
    },
  );
});
