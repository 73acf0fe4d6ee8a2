// The type of a transcript by its content, and SRT as it arrives.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTranscript } from '../../src/console/player/content/transcript.ts';
import { hasCode } from '../../src/errors.ts';
import { checkTranscript } from '../../src/model/transcript.ts';
import {
  TRANSCRIPT_ANY_JSON,
  TRANSCRIPT_JSON,
  TRANSCRIPT_SRT,
  TRANSCRIPT_TYPES,
  TRANSCRIPT_VTT,
  transcriptTypeOf,
} from '../../src/model/transcript-types.ts';

const CUE = '00:00:01,000 --> 00:00:02,000';
const unsupported = (found: string | null) =>
  expect.objectContaining({ code: 'media_type_unsupported', accepts: TRANSCRIPT_TYPES, found });

describe('the type of a transcript', () => {
  it.each([
    ['JSON', '{"v":1}', TRANSCRIPT_ANY_JSON],
    ['JSON after white space', '\r\n { "v":1}', TRANSCRIPT_ANY_JSON],
    ['JSON of another form', '[{"start":0}]', TRANSCRIPT_ANY_JSON],
    ['WebVTT', 'WEBVTT\n', TRANSCRIPT_VTT],
    ['WebVTT with a byte order mark', '\uFEFFWEBVTT - a call\r\n', TRANSCRIPT_VTT],
    ['SRT', `1\n${CUE}\nHello\n`, TRANSCRIPT_SRT],
    ['SRT with CRLF and a byte order mark', `\uFEFF1\r\n${CUE}\r\nHello\r\n`, TRANSCRIPT_SRT],
    ['SRT with CR', `1\r${CUE}\rHello\r`, TRANSCRIPT_SRT],
    ['SRT without numbers, after blank lines', `\n\n${CUE}\nHello\n`, TRANSCRIPT_SRT],
    ['SRT of short times', '0\n0:01.5 --> 0:02\nHello', TRANSCRIPT_SRT],
    ['SRT that begins before the call', `-1\n-00:00:01,000 --> 00:00:02,000\nHello`, TRANSCRIPT_SRT],
  ])('that begins as %s is decided by it', (_, text, type) => {
    for (const declared of [null, 'application/octet-stream', 'text/plain'])
      expect(transcriptTypeOf(declared, Buffer.from(text))).toBe(type);
  });

  it.each([
    ['words', 'Good morning', null],
    ['a bracket', '[Agent] Good morning', null],
    ['a time in a text', `Hello\n${CUE}`, null],
    ['an arrow', '1\n--> 2', null],
    ['SRT in UTF-16', Buffer.from(`\uFEFF1\n${CUE}\nHello`, 'utf16le'), 'UTF-16'],
    ['HTML', '<!DOCTYPE html><p>', 'HTML'],
    ['a WAV', 'RIFF\0\0\0\0WAVEfmt ', 'WAV'],
  ])('is not found in %s', (_, text, found) => {
    expect(() => transcriptTypeOf(null, Buffer.from(text as string))).toThrow(unsupported(found));
  });

  it('that is declared stays, whatever the content is', () => {
    for (const type of [TRANSCRIPT_JSON, TRANSCRIPT_ANY_JSON, TRANSCRIPT_VTT, TRANSCRIPT_SRT])
      expect(transcriptTypeOf(type, Buffer.from('Good morning'))).toBe(type);
    expect(transcriptTypeOf('text/srt', Buffer.from('WEBVTT'))).toBe(TRANSCRIPT_SRT);
  });
});

describe('SRT', () => {
  const isAccepted = async (text: string | Uint8Array): Promise<boolean> => {
    try {
      await checkTranscript(TRANSCRIPT_SRT, Buffer.from(text as string), 'en', async () => undefined);
      return true;
    } catch (error) {
      if (!hasCode(error, 'transcript_invalid')) throw error;
      return false;
    }
  };

  it('of many cues is accepted, with what only its times decide', async () => {
    const cues = Array.from({ length: 90_000 }, (_, n) => `${n}\n00:00:${n % 60},000 --> 99:00:00,000\n<i>x</i>\n\n`);
    expect(await isAccepted(cues.join(''))).toBe(true);
    expect(await isAccepted('1\n00:00:01,000 --> 00:00:00,000\n')).toBe(true);
    expect(await isAccepted(`${'9'.repeat(50_000)}\n${'9'.repeat(10_000)}:00:00,000 --> 0:00,0\nlate`)).toBe(true);
  });

  it.each([
    ['nothing but a byte order mark', '\uFEFF'],
    ['nothing but blank lines', '\r\n\r\n'],
    ['64 KiB of blank lines first', `${'\n'.repeat(65_536)}1\n${CUE}\nx`],
    ['text first', `Hello\n\n1\n${CUE}\nx`],
    ['bytes that are not UTF-8 at its end', Buffer.concat([Buffer.from(`1\n${CUE}\n`), Buffer.from([0xe9])])],
  ])('with %s is rejected', async (_, text) => {
    expect(await isAccepted(text)).toBe(false);
  });

  it('that is accepted is one that the console shows', async () => {
    const before = fc.array(fc.constantFrom('1', '-', '42', '\n', '\r\n', '\r', ' ', '\t', '\uFEFF', '\u2028', 'x'), {
      maxLength: 4,
    });
    const time = fc.constantFrom(
      '0:00',
      '-0:1',
      '00:00:01,000',
      '100:00:00.5',
      '1:2:3',
      '00:01,',
      '1',
      '00:00:01,0000',
    );
    const arrow = fc.constantFrom('-->', ' --> ', '\t-->', '\n-->', '->');
    const after = fc.constantFrom('', '\n', ' x', '\rx', '9', ':');
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(before, time, arrow, time, after, async (start, from, between, to, rest) => {
        const text = `${start.join('')}${from}${between}${to}${rest}`;
        if (!(await isAccepted(text))) return;
        accepted += 1;
        expect(readTranscript(TRANSCRIPT_SRT, text)).not.toBeNull();
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });
});

describe('docs/media.md', () => {
  it('lists every type of a transcript, and no other', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/media.md'), 'utf8');
    const [, section = ''] = page.split('\n## Transcripts\n');
    const named = [...section.matchAll(/`((?:text|application)\/[a-z.+-]+)`/g)].map(([, type]) => type ?? '');
    expect([...new Set(named)].sort()).toEqual([...TRANSCRIPT_TYPES].sort());
  });
});
