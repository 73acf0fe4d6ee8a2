// Transcripts over HTTP: every declared type, what the content decides, repeats, and SRT as the player reads it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { searchLines } from '../../src/console/player/content/search.ts';
import { readTranscript } from '../../src/console/player/content/transcript.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();
const JSON_TYPE = 'application/vnd.callvault.transcript+json';
const SRT =
  '\uFEFF1\r\n00:00:01,000 --> 00:00:02,500\r\nAgent: <i>Good</i> morning\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,000\r\nCustomer: Hello\r\n';
const VTT = 'WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nGood morning\n';
const CONTACT_LENS = readFileSync(join(import.meta.dirname, '../vectors/transcripts/contact-lens.json'), 'utf8');
const jsonOf = (language: string): string =>
  JSON.stringify({ v: 1, language, segments: [{ start_ms: 0, end_ms: 900, channel: 0, text: 'Good morning' }] });

let recording: string;
beforeAll(async () => {
  recording = await world.deposited(world.harbour, 'transcripts', wav(16_000));
});

/** Language tags that no test has used. */
let languages = 0;
function nextLanguage(): string {
  languages += 1;
  return `en-x-t${languages}`;
}

function put(language: string, type: string | null, text: string): Promise<Response> {
  const sent = { key: world.harbour.uploader.key, body: Buffer.from(text), ...(type === null ? {} : { type }) };
  return world.call('PUT', `/v1/recordings/${recording}/transcripts/${language}`, sent);
}

async function read(language: string): Promise<{ readonly type: string; readonly bytes: Buffer }> {
  const session = await world.session(world.harbour, await world.grant(world.harbour, recording));
  const path = `/v1/sessions/${session}/transcripts/${language}`;
  const reply = await world.call('GET', path, { key: world.harbour.reviewer.key });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
  return { type: reply.headers.get('content-type') ?? '', bytes: Buffer.from(await reply.arrayBuffer()) };
}

describe('a transcript', () => {
  it.each([
    ['application/x-subrip', 'application/x-subrip', () => SRT],
    ['Text/SRT; charset=utf-8', 'application/x-subrip', () => SRT],
    ['text/plain', 'application/x-subrip', () => SRT],
    ['application/octet-stream', 'application/x-subrip', () => SRT],
    [null, 'application/x-subrip', () => SRT],
    ['text/plain; charset=utf-8', 'text/vtt', () => VTT],
    ['application/octet-stream', 'text/vtt', () => VTT],
    [null, 'text/vtt', () => VTT],
    ['application/octet-stream', JSON_TYPE, jsonOf],
    ['text/plain', JSON_TYPE, jsonOf],
    [null, JSON_TYPE, jsonOf],
    ['application/json', JSON_TYPE, jsonOf],
    ['application/json', 'application/json', () => CONTACT_LENS],
    ['text/plain', 'application/json', () => CONTACT_LENS],
    [null, 'application/json', () => CONTACT_LENS],
  ])('declared as %s is stored unchanged and served as %s', async (declared, type, made) => {
    const language = nextLanguage();
    const text = made(language);
    const reply = await put(language, declared, text);
    expect(reply.status).toBe(201);
    expect(await read(language)).toEqual({ type, bytes: Buffer.from(text) });
  });

  it('sent again is a repeat, whatever type is declared, and other bytes are an error', async () => {
    const language = nextLanguage();
    const first = await put(language, null, SRT);
    const stored = await first.json();
    expect(first.status).toBe(201);
    const before = await world.snapshot();
    for (const declared of ['application/x-subrip', 'text/srt', 'text/plain', 'application/octet-stream', null]) {
      const again = await put(language, declared, SRT);
      expect([again.status, await again.json()]).toEqual([200, stored]);
    }
    await expectProblem(await put(language, null, `${SRT}x`), 422, 'call_differs');
    await expectProblem(await put(language, null, VTT), 422, 'call_differs');
    expect(await world.snapshot()).toEqual(before);
    expect((await read(language)).type).toBe('application/x-subrip');
  });

  it('as SRT is shown and searched by the player', async () => {
    const language = nextLanguage();
    expect((await put(language, 'text/srt', SRT)).status).toBe(201);
    const { type, bytes } = await read(language);
    const lines = readTranscript(type, bytes.toString()) ?? [];
    expect(lines.map(({ start, end, channel, text }) => [start, end, channel, text])).toEqual([
      [1000, 2500, 0, 'Good morning'],
      [2000, 3000, 1, 'Hello'],
    ]);
    expect(searchLines(lines, 'hello', 'en').map(({ at }) => at)).toEqual([2000]);
  });

  it('that is none is named, and leaves nothing', async () => {
    const before = await world.snapshot(true);
    const reply = await put(nextLanguage(), null, '<html><p>secretword');
    const problem = await expectProblem(reply, 415, 'media_type_unsupported');
    expect(problem.detail).toBe(
      `The content of the body is HTML, which is not accepted. Accepted types: ${reply.headers.get('accept')}`,
    );
    const words = await expectProblem(await put(nextLanguage(), null, 'secretword'), 415, 'media_type_unsupported');
    expect(words.detail).not.toContain('secretword');
    expect(await world.snapshot(true)).toEqual(before);
  });
});
