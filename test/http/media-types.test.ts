// Media types of uploads: every spelling that platforms send, a missing one, and the stored type.
import { describe, expect, it } from 'vitest';
import { mediaFile } from '../support/media-files.ts';
import { wav, wavHeader } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();

let calls = 0;
function put(body: Uint8Array, type: string | null): Promise<Response> {
  calls += 1;
  const sent = { key: world.harbour.uploader.key, body, ...(type === null ? {} : { type }) };
  return world.call('PUT', `/v1/ingest/pbx/type-${calls}`, sent);
}

/** The type that the audio of a stored recording is served with. */
async function servedAs(reply: Response): Promise<string | null> {
  expect(reply.status).toBe(201);
  const { recording } = (await reply.json()) as { recording: string };
  const session = await world.session(world.harbour, await world.grant(world.harbour, recording));
  const path = `/v1/sessions/${session}/media`;
  const heard = await world.call('GET', path, { key: world.harbour.reviewer.key, headers: { range: 'bytes=0-9' } });
  expect(heard.status).toBe(206);
  await heard.arrayBuffer();
  return heard.headers.get('content-type');
}

const BODIES = {
  'audio/wav': wav(1_000),
  'audio/mpeg': mediaFile('vbr.mp3'),
  'audio/ogg': mediaFile('opus.ogg'),
  'audio/flac': mediaFile('known.flac'),
  'audio/mp4': mediaFile('front.m4a'),
} as const;

const SPELLINGS = {
  'audio/wav': ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'audio/x-pn-wav', 'Audio/X-WAV; codec=1'],
  'audio/mpeg': ['audio/mpeg', 'audio/mp3', 'audio/x-mp3', 'audio/x-mpeg', 'audio/mpeg3'],
  'audio/ogg': [
    'audio/ogg',
    'audio/ogg; codecs=opus',
    'audio/opus',
    'audio/x-ogg',
    'application/ogg',
    'application/x-ogg',
  ],
  'audio/flac': ['audio/flac', 'audio/x-flac'],
  'audio/mp4': ['audio/mp4', 'audio/m4a', 'audio/x-m4a'],
} as const;

const TYPES = Object.keys(BODIES) as (keyof typeof BODIES)[];
const DECLARED = TYPES.flatMap((type) =>
  [...SPELLINGS[type], 'application/octet-stream', null].map((declared) => [declared, type] as const),
);

describe('audio', () => {
  it.each(DECLARED)('declared as %s is stored as %s', async (declared, type) => {
    expect(await servedAs(await put(BODIES[type], declared))).toBe(type);
  });

  it.each(['xing.mp3', 'layer2.mp3', 'mpeg25.mp3', 'info.mp3'])('of %s is detected without a type', async (name) => {
    expect(await servedAs(await put(mediaFile(name), null))).toBe('audio/mpeg');
  });

  it('in a WAV of GSM is detected without a type', async () => {
    const header = wavHeader({ coding: 'mulaw', channels: 1, size: 65 * 50 });
    header.writeUInt16LE(0x31, 20);
    header.writeUInt32LE(1_625, 28);
    header.writeUInt16LE(65, 32);
    header.writeUInt16LE(0, 34);
    expect(await servedAs(await put(Buffer.concat([header, Buffer.alloc(65 * 50, 0xd2)]), null))).toBe('audio/wav');
  });

  it('is recognized as stored with another spelling', async () => {
    const send = (type: string) =>
      world.call('PUT', '/v1/ingest/pbx/again', { key: world.harbour.uploader.key, type, body: BODIES['audio/mp4'] });
    const first = await send('audio/m4a');
    const again = await send('audio/mp4');
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(await again.json()).toEqual(await first.json());
  });

  it('joins a described call without a type', async () => {
    const key = world.harbour.uploader.key;
    const json = { source: 'pbx', call_id: 'two-step' };
    const described = await world.call('POST', '/v1/recordings', { key, json });
    const { recording } = (await described.json()) as { recording: string };
    const reply = await world.call('PUT', `/v1/recordings/${recording}/audio`, { key, body: BODIES['audio/ogg'] });
    expect(await servedAs(reply)).toBe('audio/ogg');
  });
});

describe('a declared type that the content contradicts', () => {
  const pairs = TYPES.flatMap((declared) => TYPES.filter((type) => type !== declared).map((type) => [type, declared]));
  it.each(pairs)('%s as %s is an error', async (type, declared) => {
    const before = await world.snapshot(true);
    const reply = await put(BODIES[type as keyof typeof BODIES], declared as string);
    const { detail } = await expectProblem(reply, 415, 'media_type_mismatch');
    expect(detail).toBe(`the body is not ${declared}: its first bytes are those of ${type}`);
    expect(await world.snapshot(true)).toEqual(before);
  });

  it.each(['audio/m4a', 'application/ogg', 'audio/vnd.wave', 'audio/mp3'])(
    'HTML as %s is an error',
    async (declared) => {
      await expectProblem(
        await put(Buffer.from('<html><script>alert(1)</script>'), declared),
        415,
        'media_type_mismatch',
      );
    },
  );
});

describe('a body that is not audio', () => {
  it.each<readonly [string, Buffer, string | null]>([
    ['HTML', Buffer.from('<html><script>alert(1)</script>'), 'HTML'],
    ['text in UTF-16', Buffer.from('\ufeffgood morning, good morning', 'utf16le'), 'UTF-16'],
    ['an error as JSON', Buffer.from('{"error":"no such recording"}'), 'JSON'],
    ['a transcript', Buffer.from('1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n'), 'SRT'],
    ['AMR', Buffer.concat([Buffer.from('#!AMR\n'), Buffer.alloc(900, 7)]), 'AMR'],
    ['a picture in the container of MP4', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), 'HEIF'],
    [
      'one sync word in other bytes',
      Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x00]), Buffer.alloc(4_000, 7)]),
      null,
    ],
    [
      'AAC without a container',
      Buffer.concat([Buffer.from([0xff, 0xf1, 0x50, 0x80]), Buffer.alloc(900, 7)]),
      'AAC (ADTS)',
    ],
    ['a JPEG', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(900, 7)]), 'JPEG'],
    ['a cut WAV', wav(10).subarray(0, 20), 'WAV (no fmt or data chunk)'],
  ])('%s is rejected without a type, and content and accepted types are named', async (_, body, name) => {
    const before = await world.snapshot(true);
    for (const declared of [null, 'application/octet-stream']) {
      const reply = await put(body, declared);
      expect(reply.headers.get('accept')).toBe(world.vault.probes.types.join(', '));
      const { detail } = await expectProblem(reply, 415, 'media_type_unsupported');
      for (const type of TYPES) expect(detail).toContain(type);
      const said = /^The content of the body is (.*), which is not accepted\. /.exec(String(detail))?.[1] ?? null;
      expect(said).toBe(name);
    }
    expect(await world.snapshot(true)).toEqual(before);
  });
});

describe('415', () => {
  const TRANSCRIPTS =
    /^application\/vnd\S*, application\/json, text\/vtt, application\/x-subrip, text\/srt, text\/plain, application\/octet-stream$/;
  const key = () => world.harbour.uploader.key;
  const asked = (language: string, type: string | null, path = '/v1/ingest/pbx/no', method = 'PUT') =>
    world.call(method, path, {
      key: key(),
      headers: { 'accept-language': language },
      body: '{}',
      ...(type === null ? {} : { type }),
    });

  it('names the accepted types in the caller’s language and in Accept', async () => {
    const accepted = world.vault.probes.types.join(', ');
    expect(accepted).toMatch(/^audio\/wav, audio\/mpeg, .*, application\/octet-stream$/);
    for (const [language, said] of [
      ['en', `The type of the body is not accepted. Accepted types: ${accepted}`],
      ['zh-CN', `不接受该请求体的类型。可接受的类型：${accepted}`],
    ] as const) {
      const reply = await asked(language, 'application/x-www-form-urlencoded');
      expect(reply.headers.get('accept')).toBe(accepted);
      expect((await expectProblem(reply, 415, 'media_type_unsupported')).detail).toBe(said);
    }
  });

  it('names the content in the caller’s language', async () => {
    const headers = { 'accept-language': 'zh-CN' };
    const reply = await world.call('PUT', '/v1/ingest/pbx/no', { key: key(), headers, body: Buffer.from('%PDF-1.7') });
    expect((await expectProblem(reply, 415, 'media_type_unsupported')).detail).toBe(
      `该请求体的内容是 PDF，不受支持。可接受的类型：${world.vault.probes.types.join(', ')}`,
    );
  });

  it.each([
    ['POST', '/v1/recordings', 'text/plain', 'application/json'],
    ['POST', '/v1/recordings', null, 'application/json'],
    ['PUT', `/v1/recordings/rec_${'0'.repeat(26)}/transcripts/en`, 'text/html', TRANSCRIPTS],
    ['PUT', `/v1/recordings/rec_${'0'.repeat(26)}/transcripts/en`, 'text/plain', TRANSCRIPTS],
    ['PUT', `/v1/recordings/rec_${'0'.repeat(26)}/transcripts/en`, null, TRANSCRIPTS],
  ])('of %s %s with %s names the accepted types', async (method, path, type, accepted) => {
    // fetch would send a text body as text/plain.
    const reply = await world.call(method, path, {
      key: key(),
      body: Buffer.from('good morning'),
      ...(type === null ? {} : { type }),
    });
    expect(reply.headers.get('accept')).toMatch(accepted);
    await expectProblem(reply, 415, 'media_type_unsupported');
  });
});
