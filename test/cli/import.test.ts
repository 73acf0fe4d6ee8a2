// callvault import: exports and manifests into a running service, what it reports, and what it leaves on disk.
// Long because every kind of fault needs an archive of its shape.
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { type Archive, fillArchive, newArchive } from '../support/archives.ts';
import { type CommandResult, runCallvault } from '../support/run-callvault.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const CONTACT_LENS = readFileSync(join(import.meta.dirname, '../vectors/transcripts/contact-lens.json'), 'utf8');
const CONTACT = '6f1b6c52-3a7e-4f0e-9a53-0d7d4b0a1c01';
const CONVERSATION = 'ea4303d8-014e-44f9-b770-5b15e6f86f1f';
const ME = JSON.stringify({ tenant: { id: newId('ten') } });
const RECORDING = '0261adc0-0618-4652-ac76-de176e1c431c';

const world = sharedWorld();
let url: string;
let archive: Archive;
beforeAll(async () => {
  ({ url } = await world.listen());
});
beforeEach(() => {
  archive = newArchive(world.harbour.uploader.key);
});
afterEach(() => archive.end());

const importing = (source: string, ...more: readonly string[]): Promise<CommandResult> =>
  runCallvault(
    { CALLVAULT_URL: url },
    'import',
    archive.folder,
    '--source',
    source,
    '--credential',
    archive.credential,
    ...more,
  );
const report = (): string[] =>
  readFileSync(join(archive.top, 'archive.import-report.csv'), 'utf8').trim().split('\n').slice(1);

/** The recordings of a source, as a reviewer sees them. */
async function recordingsOf(source: string): Promise<Record<string, unknown>[]> {
  const reply = await world.call('GET', '/v1/recordings?limit=200', { key: world.harbour.reviewer.key });
  const { data } = (await reply.json()) as { data: Record<string, unknown>[] };
  return data.filter((one) => one['source'] === source);
}

describe('a manifest', () => {
  it('imports each call once, again nothing, and what was added', async () => {
    const manifest = fillArchive(archive, 12);
    const first = await importing('m1', '--manifest', manifest);
    expect(first).toMatchObject({ code: 0, out: '12 files: 12 imported\n' });
    const before = await world.snapshot();
    expect(await importing('m1', '--manifest', manifest)).toMatchObject({
      code: 0,
      out: '12 files: 0 imported, 12 already in the vault\n',
    });
    expect(await importing('m1', '--manifest', manifest, '--journal', join(archive.top, 'new'))).toMatchObject({
      ...{ code: 0, out: '12 files: 0 imported, 12 already in the vault\n' },
    });
    expect(await world.snapshot()).toEqual(before);
    archive.write('2026/more.wav', wav(800, 99));
    writeFileSync(manifest, `${readFileSync(manifest, 'utf8')}2026/more.wav,more,,,,\n`);
    expect((await importing('m1', '--manifest', manifest)).out).toBe('13 files: 1 imported, 12 already in the vault\n');
    const found = await recordingsOf('m1');
    expect(found).toHaveLength(13);
    expect(found.find(({ call_id: id }) => id === 'call-7')).toMatchObject({
      started_at: '2026-03-02T09:07:04.000Z',
      agent: 'Agent 7',
    });
  });

  it('imports the same folder for another tenant, beside the journal of the first', async () => {
    const manifest = fillArchive(archive, 2);
    expect((await importing('m5', '--manifest', manifest)).out).toBe('2 files: 2 imported\n');
    writeFileSync(archive.credential, world.yunhai.uploader.key);
    expect((await importing('m5', '--manifest', manifest)).out).toBe('2 files: 2 imported\n');
    writeFileSync(archive.credential, world.harbour.uploader.key);
    expect((await importing('m5', '--manifest', manifest)).out).toBe('2 files: 0 imported, 2 already in the vault\n');
  });

  it('imports transcripts after their recordings, and metadata that no header carries', async () => {
    archive.write('a.wav', wav(1_600, 3));
    archive.write('a.json', CONTACT_LENS);
    archive.write('b.wav', wav(1_600, 4));
    const manifest = archive.beside(
      'calls.csv',
      'file,call_id,notes,sensitivity,transcript,transcript_language\na.wav,a,,,a.json,en\nb.wav,b,"first, by ""hand""",sensitive,missing.json,en\n',
    );
    const { code, out } = await importing('m2', '--manifest', manifest);
    expect({ code, out: out.split('\n')[0] }).toEqual({ code: 1, out: '3 files: 3 imported, 1 not understood' });
    expect(report()).toEqual([
      'missing.json,not-understood,file-missing,the manifest names a file that is not in the folder',
    ]);
    const found = (await recordingsOf('m2')).find(({ call_id: id }) => id === 'a');
    const noted = (await recordingsOf('m2')).find(({ call_id: id }) => id === 'b');
    expect(noted).toMatchObject({ sensitivity: 'sensitive' });
    const session = await world.session(world.harbour, await world.grant(world.harbour, String(found?.['id'])));
    const transcript = await world.call('GET', `/v1/sessions/${session}/transcripts/en`, {
      key: world.harbour.reviewer.key,
    });
    expect([transcript.headers.get('content-type'), await transcript.text()]).toEqual([
      'application/json',
      CONTACT_LENS,
    ]);
  });

  it('imports a transcript with any name after its recording', async () => {
    archive.write('a.txt', 'WEBVTT\n\n00:00.000 --> 00:00.100\nhello\n');
    archive.write('b.wav', wav(1_600, 3));
    const manifest = archive.beside('calls.csv', 'file,call_id,transcript,transcript_language\nb.wav,b,a.txt,en\n');
    expect(await importing('m6', '--manifest', manifest)).toMatchObject({ code: 0, out: '2 files: 2 imported\n' });
  });

  it('reports what the vault rejects, what differs, and files that no row names', async () => {
    archive.write('same.wav', wav(800, 1));
    archive.write('bad.wav', wav(800, 2));
    archive.write('text.wav', 'this is no audio');
    archive.write('forgotten.wav', wav(800, 3));
    archive.write('notes.txt', 'x');
    symlinkSync('/etc/hostname', join(archive.folder, 'link.wav'));
    const manifest = archive.beside(
      'calls.csv',
      'file,call_id,direction\nsame.wav,same,\nbad.wav,bad,sideways\ntext.wav,text,\n,no-file,\n',
    );
    expect((await importing('m3', '--manifest', manifest)).code).toBe(1);
    const rejected = [
      'bad.wav,rejected,metadata_invalid,"Vault-Meta-Direction must be one of inbound, outbound, internal"',
      'forgotten.wav,not-understood,not-in-manifest,no row of the manifest names it',
      'link.wav,not-understood,a-link,"it is a link, which is not followed"',
      'notes.txt,left-out,not-a-recording,the file is no recording and no transcript of one',
      expect.stringMatching(/^text\.wav,rejected,media_type_unsupported,/),
    ];
    expect(report().sort()).toEqual(rejected);
    archive.write('same.wav', wav(800, 7));
    const second = await importing('m3', '--manifest', manifest, '--json');
    expect(JSON.parse(second.out)).toMatchObject({
      files: 6,
      stored: 0,
      again: 0,
      differs: 1,
      rejected: 2,
      unreadable_rows: 1,
    });
    expect(report()).toContainEqual(expect.stringMatching(/^same\.wav,differs,call_differs,.*other bytes/));
  });

  it('of Excel has its first line and semicolons, and rounded ids are not imported', async () => {
    for (const name of ['good.wav', 'id.wav', 'number.wav']) archive.write(name, wav(100));
    archive.write('id.txt', Buffer.from('hello'));
    const rows = ['sep=;', 'file;call_id;from;transcript;transcript_language', 'good.wav;"g;1";+442071838750;;'];
    const rounded = ['id.wav;1.73285E+11;;id.txt;en', 'number.wav;n;4,42079E+11;;'];
    const manifest = archive.beside('calls.csv', [...rows, ...rounded].join('\r\n'));
    const { code, out } = await importing('m7', '--manifest', manifest);
    expect({ code, out: out.split('\n')[0] }).toEqual({ code: 1, out: '4 files: 1 imported, 3 not understood' });
    expect(report().map((line) => line.split(',').slice(0, 3).join())).toEqual([
      'id.wav,not-understood,rounded-number',
      'number.wav,not-understood,rounded-number',
      'id.txt,not-understood,rounded-number',
    ]);
    expect(report().join()).toMatch(/as text.*CSV UTF-8/);
  });

  it('maps other columns', async () => {
    archive.write('x.wav', wav(800, 1));
    const manifest = archive.beside('calls.csv', 'Path,Id\nx.wav,17\n');
    const columns = archive.beside('columns.json', { file: 'Path', call_id: 'Id' });
    expect(await importing('m4', '--manifest', manifest, '--columns', columns)).toMatchObject({ code: 0 });
    const unmapped = await importing('m4', '--manifest', manifest);
    expect(unmapped.code).toBe(1);
    expect(unmapped.err).toContain('column 1 of the manifest is unknown');
  });
});

describe('a layout', () => {
  it('of Genesys imports recordings with their metadata', async () => {
    const folder = `org/year=2026/month=3/day=2/hour=9/conversation_id=${CONVERSATION}`;
    const about = {
      conversationId: CONVERSATION,
      recordingId: RECORDING,
      startTime: '2026-03-02T09:15:04.873+0000',
      mediaType: 'call',
    };
    archive.write(`${folder}/${RECORDING}.wav`, wav(1_600, 5));
    archive.write(`${folder}/${RECORDING}.wav_metadata.json`, about);
    archive.write(`${folder}/${CONVERSATION}.webm`, 'screen');
    archive.write(`${folder}/${CONTACT}.opus`, 'lonely');
    expect((await importing('genesys', '--layout', 'genesys')).code).toBe(1);
    expect(report().map((line) => line.split(',')[2])).toEqual(expect.arrayContaining(['not-audio', 'no-metadata']));
    expect(await recordingsOf('genesys')).toMatchObject([
      { call_id: CONVERSATION, leg: RECORDING, interaction: CONVERSATION, started_at: '2026-03-02T09:15:04.873Z' },
    ]);
  });

  it('of Amazon Connect imports recordings and transcripts, and leaves redacted copies out', async () => {
    archive.write(`connect/one/CallRecordings/2026/03/02/${CONTACT}_20260302T09:15_UTC.wav`, wav(1_600, 6));
    archive.write(
      `connect/one/Analysis/Voice/2026/03/02/${CONTACT}_analysis_2026-03-02T09_20_00Z.json`,
      CONTACT_LENS.replace('"Redacted"', '"Raw"'),
    );
    archive.write(
      `connect/one/Analysis/Voice/Redacted/2026/03/02/${CONTACT}_analysis_redacted_2026-03-02T09_20_00Z.json`,
      CONTACT_LENS,
    );
    archive.write(`connect/one/Analysis/Voice/2026/03/02/${RECORDING}_analysis_2026-03-02T09_20_00Z.json`, {
      ...{ Transcript: [], LanguageCode: 'en-US' },
    });
    const faults = [
      ['left-out', 'redacted-copy'],
      ['not-understood', 'no-recording'],
    ];
    for (const more of [['--dry-run'], []]) {
      expect(await recordingsOf('connect')).toEqual([]);
      const { code, out } = await importing('connect', '--layout', 'amazon-connect', ...more);
      const verb = more.length > 0 ? 'would be imported' : 'imported';
      const counts = `4 files: 2 ${verb}, 1 left out, 1 not understood`;
      expect({ code, out: out.split('\n')[0] }).toEqual({ code: 1, out: counts });
      expect(report().map((line) => line.split(',').slice(1, 3))).toEqual(faults);
    }
    const [found] = await recordingsOf('connect');
    expect(found).toMatchObject({ call_id: CONTACT, started_at: '2026-03-02T09:15:00.000Z' });
    expect(JSON.stringify(found?.['objects'])).toContain('transcript/en-US');
  });

  it('of file names imports by a pattern', async () => {
    archive.write('20260302-091504_+442079460123_c17.wav', wav(800, 8));
    const pattern = '^(?<started>\\d{8}-\\d{6})_(?<from>\\+\\d+)_(?<call_id>\\w+)\\.wav$';
    expect(
      await importing('names', '--layout', 'file-name', '--pattern', pattern, '--zone', 'Asia/Shanghai'),
    ).toMatchObject({ code: 0 });
    expect(await recordingsOf('names')).toMatchObject([{ call_id: 'c17', started_at: '2026-03-02T01:15:04.000Z' }]);
  });
});

describe('the files that an import leaves', () => {
  it('hold no number, name or path but in the report, and are readable by their owner', async () => {
    archive.write('+442079460123_Li_secret.wav', wav(800, 1));
    archive.write('+442079460123_Li_other.txt', 'x');
    const manifest = archive.beside(
      'calls.csv',
      'file,call_id,agent\n+442079460123_Li_secret.wav,secret-id,Li Secret\n',
    );
    const { code, out, err } = await importing('leaks', '--manifest', manifest);
    expect(code).toBe(0);
    const journal = readFileSync(join(archive.top, 'archive.import-journal'), 'utf8');
    for (const text of [out.replaceAll(archive.top, ''), err, journal])
      expect(text).not.toMatch(/secret|4420794|_Li_|Li S/i);
    expect(report()).toEqual([
      "'+442079460123_Li_other.txt,left-out,not-a-recording,the file is no recording and no transcript of one",
    ]);
    for (const name of ['archive.import-journal', 'archive.import-report.csv'])
      expect(statSync(join(archive.top, name)).mode & 0o077).toBe(0);
    expect(readdirSync(archive.top).sort()).toEqual(
      ['archive', 'archive.import-journal', 'archive.import-report.csv', 'calls.csv', 'uploader.key'].sort(),
    );
  });

  it('survive a line that a crash cut off, and a file that changed is sent again', async () => {
    const manifest = fillArchive(archive, 3);
    await importing('cut', '--manifest', manifest);
    const path = join(archive.top, 'archive.import-journal');
    const lines = readFileSync(path, 'utf8');
    writeFileSync(path, lines.slice(0, -40));
    expect((await importing('cut', '--manifest', manifest)).out).toBe('3 files: 0 imported, 3 already in the vault\n');
    expect(
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    ).toHaveLength(5);
    utimesSync(join(archive.folder, '2026/00/call-0.wav'), 1, 1);
    expect((await importing('cut', '--manifest', manifest)).code).toBe(0);
    expect(
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    ).toHaveLength(6);
    writeFileSync(path, 'something else\n');
    expect((await importing('cut', '--manifest', manifest)).err).toContain('is not a journal of an import');
  });

  it('of a dry run are a report only', async () => {
    const manifest = fillArchive(archive, 3);
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('2026-03-02T09:01:04Z', 'yesterday'));
    const { code, out } = await runCallvault(
      {},
      'import',
      archive.folder,
      '--source',
      'dry',
      '--manifest',
      manifest,
      '--dry-run',
    );
    expect({ code, out: out.split('\n')[0] }).toEqual({ code: 1, out: '3 files: 2 would be imported, 1 rejected' });
    expect(report()).toEqual([
      '2026/01/call-1.wav,rejected,metadata_invalid,started_at must be an RFC 3339 time with an offset',
    ]);
    expect(existsSync(join(archive.top, 'archive.import-journal'))).toBe(false);
  });
});

describe('sidecars', () => {
  it('of any JSON do not keep the other files from the vault', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    for (const [name, member] of [
      ['deep', `"pauses":${deep}`],
      ['fields', `"fields":"${'x'.repeat(4_000_000)}"`],
      ['basis', '"basis":["consent"]'],
      ['object', '"notes":{"toString":1}'],
      ['deep-text', `"from":${deep}`],
      ['proto', '"__proto__":"x"'],
    ] as const) {
      archive.write(`${name}.wav`, wav(800, 5));
      archive.write(`${name}.json`, `{"call_id":"${name}",${member}}`);
    }
    archive.write('z.wav', wav(800, 6));
    archive.write('z.json', '{"call_id":"z"}');
    for (const more of [['--dry-run'], []]) {
      const { code, out } = await importing('hostile', '--layout', 'sidecar', ...more);
      const verb = more.length > 0 ? 'would be imported' : 'imported';
      expect({ code, out: out.split('\n')[0] }).toEqual({ code: 1, out: `14 files: 1 ${verb}, 6 rejected` });
    }
  });
});

describe('a dry run', () => {
  it('rejects what the vault rejects', async () => {
    const long = Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`field-${n}`, '话'.repeat(256)]));
    for (const [name, members] of Object.entries({
      none: { basis: null },
      null: { basis: { kind: 'consent', at: null } },
      flat: { basis: { kind: 'consent' }, basis_at: '2026-03-02T09:15:04Z' },
      until: { retain_until: '2030-01-01T00:00:00Z' },
      half: { agent: '\ud800' },
      long: { fields: long, notes: '话'.repeat(4_000) },
      good: { basis: { kind: 'consent', separate: true } },
    })) {
      archive.write(`${name}.wav`, wav(800, 5));
      archive.write(`${name}.json`, { call_id: name, ...members });
    }
    const rejected = ['flat', 'half', 'long', 'none', 'null', 'until'].map((name) => `${name}.wav,rejected`);
    for (const more of [['--dry-run'], []]) {
      await importing('dry-as-wet', '--layout', 'sidecar', ...more);
      const lines = report().map((line) => line.split(',').slice(0, 2).join());
      expect({ more, lines: lines.sort() }).toEqual({ more, lines: rejected });
    }
    expect((await recordingsOf('dry-as-wet')).map(({ call_id: id }) => id)).toEqual(['good']);
  });
});

describe('two files of one call', () => {
  it('are one recording, and the other a difference, in a dry run too', async () => {
    for (const [name, size] of Object.entries({ one: 800, other: 1600 })) {
      archive.write(`${name}.wav`, wav(size, 5));
      archive.write(`${name}.json`, '{"call_id":"twice"}');
    }
    for (const more of [['--dry-run'], []]) {
      const { code, out } = await importing('twice', '--layout', 'sidecar', ...more);
      const verb = more.length > 0 ? 'would be imported' : 'imported';
      expect({ code, out: out.split('\n')[0] }).toEqual({ code: 1, out: `4 files: 1 ${verb}, 1 differs` });
      expect(report()).toEqual([expect.stringMatching(/^(one|other)\.wav,differs,call_differs,/)]);
    }
  });
});

describe('metadata that cannot be read', () => {
  it('keep no other file from the vault, and no output names the file', async () => {
    archive.write('secret.wav', wav(800, 5));
    symlinkSync('secret.json', join(archive.folder, 'secret.json'));
    // With `.json` the name would have more than the 255 bytes of a file system.
    const long = `${'n'.repeat(248)}.wav`;
    archive.write(long, wav(800, 6));
    archive.write(`${'n'.repeat(248)}.json`, '{"call_id":"long"}');
    archive.write('z.wav', wav(800, 7));
    archive.write('z.json', '{"call_id":"z"}');
    for (const more of [['--dry-run'], []]) {
      const { code, out, err } = await importing('unread', '--layout', 'sidecar', ...more);
      const verb = more.length > 0 ? 'would be imported' : 'imported';
      const counts = `6 files: 2 ${verb}, 2 not understood`;
      expect({ code, out: out.split('\n')[0], err }).toEqual({ code: 1, out: counts, err: '' });
      expect(out).not.toContain('secret');
      expect(report().sort()).toEqual([
        'secret.json,not-understood,a-link,"it is a link, which is not followed"',
        expect.stringMatching(/^secret\.wav,not-understood,/),
      ]);
    }
    const stored = (await recordingsOf('unread')).map(({ call_id: id }) => id);
    expect(stored.sort()).toEqual(['long', 'z']);
  });
});

describe('a link in an archive', () => {
  it('to metadata outside gives no call its facts', async () => {
    const outside = archive.beside('outside.json', '{"call_id":"linked","agent":"OUTSIDE"}');
    archive.write('linked.wav', wav(800, 5));
    symlinkSync(outside, join(archive.folder, 'linked.json'));
    expect(await importing('linked', '--layout', 'sidecar')).toMatchObject({ code: 1 });
    expect(report().sort()).toEqual([
      'linked.json,not-understood,a-link,"it is a link, which is not followed"',
      expect.stringMatching(/^linked\.wav,not-understood,no-metadata,/),
    ]);
    expect(await recordingsOf('linked')).toEqual([]);
  });
});

describe('metadata whose recording the archive has lost', () => {
  it('is reported, that of a file which is not imported is not', async () => {
    archive.write('kept.wav', wav(800, 8));
    archive.write('kept.json', '{"call_id":"kept"}');
    archive.write('lost.json', '{"call_id":"lost"}');
    archive.write('notes.txt', 'x');
    archive.write('notes.json', '{}');
    expect((await importing('lost', '--layout', 'sidecar')).code).toBe(1);
    expect(report().sort()).toEqual([
      'lost.json,not-understood,no-recording,it belongs to a call without a recording in this folder',
      'notes.txt,left-out,not-a-recording,the file is no recording and no transcript of one',
    ]);
  });
});

describe('an import that cannot go on', () => {
  it('ends at a credential that the vault does not accept', async () => {
    const manifest = fillArchive(archive, 5);
    const key = archive.beside('reviewer.key', world.harbour.reviewer.key);
    const open = await importing('no', '--manifest', manifest, '--credential', key);
    expect(open.err).toContain(`chmod 0600 ${key}`);
    writeFileSync(archive.credential, world.harbour.reviewer.key);
    const { code, err } = await importing('no', '--manifest', manifest);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('does not accept the credential') });
    expect(await recordingsOf('no')).toEqual([]);
  });

  it('waits as long as the vault asks, and counts files as failed without a definite answer', async () => {
    const seen: number[] = [];
    const server = createServer((request, response) => {
      if (request.url === '/v1/me') return void response.end(ME);
      request.resume().on('end', () => {
        seen.push(performance.now());
        response.writeHead(503, { 'retry-after': '2' }).end('{"code":"store_unavailable","retryable":true}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const manifest = fillArchive(archive, 1);
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code } = await importing('wait', '--manifest', manifest, '--url', at, '--tries', '2');
    await new Promise((resolve) => server.close(resolve));
    expect(code).toBe(1);
    expect(seen).toHaveLength(2);
    expect((seen[1] ?? 0) - (seen[0] ?? 0)).toBeGreaterThan(1_900);
    expect(report()).toEqual(['2026/00/call-0.wav,failed,store_unavailable,no definite answer; run the import again']);
  });

  it('does not take an answer about other bytes as a confirmation', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/v1/me') return void response.end(ME);
      request.resume().on('end', () => {
        response.writeHead(201).end(JSON.stringify({ recording: 'rec_1', size: 204, sha256: '0'.repeat(64) }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const manifest = fillArchive(archive, 1);
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await importing('wrong', '--manifest', manifest, '--url', at)).code).toBe(1);
    await new Promise((resolve) => server.close(resolve));
    expect(report()).toEqual(['2026/00/call-0.wav,failed,digest_mismatch,the vault confirmed another size or digest']);
  });

  it.each([
    [['--layout', 'genesys', '--manifest', 'x'], 'give --manifest with a table of calls, or --layout'],
    [[], 'give --manifest with a table of calls, or --layout'],
    [['--layout', 'file-name'], '--layout file-name needs --pattern'],
    [['--layout', 'else'], '--layout must be one of'],
    [['--layout', 'genesys', '--zone', 'Mars'], '--zone must be a time zone'],
    [['--layout', 'genesys', '--columns', 'x'], '--columns needs --manifest'],
    [['--layout', 'genesys', '--url', 'http://vault.example'], 'must be https://'],
    [['--manifest', '/nowhere.csv'], 'the manifest cannot be read (ENOENT)'],
  ])('says what is wrong with %j', async (options, problem) => {
    const { code, err } = await importing('wrong', ...options);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(problem) });
  });
});
