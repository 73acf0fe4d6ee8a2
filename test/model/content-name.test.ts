// Names of formats by their first bytes.
import { describe, expect, it } from 'vitest';
import { contentNameOf } from '../../src/model/content-name.ts';

const SEVEN_MIB = 7 * 1024 * 1024;

describe('the name of a content', () => {
  it('is found by its first bytes, and never quotes them', () => {
    const names = [
      ...['RIFF....AVI ', 'RF64', 'FORM....AIFC', '.snd', '#!AMR-WB\n', '\x02#!SILK_V3', 'OggS', 'fLaC', 'ID3'],
      ...['\0\0\0\x18ftypM4A ', '\0\0\0\x18ftypavif', '\x1a\x45\xdf\xa3', '\xff\xf1\x50', '<?xml version="1.0"?>'],
      ...['%PDF-1.7', '\x89PNG\r\n', 'PK\x03\x04', 'secretword', ''],
    ].map((bytes) => contentNameOf(Buffer.from(bytes, 'latin1')));
    expect(names).toEqual([
      ...['AVI', 'RF64', 'AIFF', 'AU', 'AMR', 'SILK', 'Ogg', 'FLAC', 'MP3'],
      ...['MP4', 'HEIF', 'Matroska', 'AAC (ADTS)', 'XML'],
      ...['PDF', 'PNG', 'ZIP', null, null],
    ]);
  });

  it.each([
    ['digits', '1'],
    ['blank lines', '\n'],
    ['spaces', ' '],
    ['digits and colons', '1:'],
    ['numbers on lines', '1\n'],
    ['brackets', '{ '],
    ['marks', '<'],
  ])('is searched for in one pass in 7 MiB of %s', (_, unit) => {
    expect(contentNameOf(Buffer.from(unit.repeat(SEVEN_MIB / unit.length)))).toBeNull();
    expect(contentNameOf(Buffer.from(`1${unit.repeat(32_000)}`))).toBeNull();
  });
});
