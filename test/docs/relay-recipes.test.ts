// The recipes for callvault relay: each writes a sidecar beside a recording, run against recorded events and a real call,
// and what they write is imported into a service.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { basename, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freeswitch } from '../../src/connectors/freeswitch.ts';
import { rtpengine } from '../../src/connectors/rtpengine.ts';
import { relayConfigFrom } from '../../src/relay/config.ts';
import { factsFromName } from '../../src/relay/sidecar.ts';
import { type Archive, newArchive } from '../support/archives.ts';
import { needs } from '../support/needs.ts';
import { startCall } from '../support/real-call.ts';
import { runRelayDialplan } from '../support/relay-dialplan.ts';
import { runCallvault } from '../support/run-callvault.ts';
import { runProgram } from '../support/run-program.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { TOP, textOf } from './documents.ts';

const RECIPES = join(TOP, 'docs/recipes/relay');
const UUID = '4b1c8f3a-7d2e-4a5b-9c6d-1e2f3a4b5c6d';
const OTHER = '9d3a1c2b-6e5f-4d7c-8b9a-0f1e2d3c4b5a';

const sip = needs('sip-tester');
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

/** Imports the folder as the relay would read it, and returns what reviewers see of a source. */
async function imported(source: string): Promise<Record<string, unknown>[]> {
  const given = ['--source', source, '--credential', archive.credential, '--layout', 'sidecar', '--url', url];
  const { code, out, err } = await runCallvault({}, 'import', archive.folder, ...given);
  expect({ code, err, out: /not understood|rejected|failed/.test(out) }).toEqual({ code: 0, err: '', out: false });
  const reply = await world.call('GET', '/v1/recordings?limit=200', { key: world.harbour.reviewer.key });
  return ((await reply.json()) as { data: Record<string, unknown>[] }).data.filter((one) => one['source'] === source);
}

const sidecarOf = (name: string): unknown => JSON.parse(readFileSync(join(archive.folder, name), 'utf8'));

/** A record as mod_json_cdr writes it, with its values encoded like a URL. */
function recordOf(uuid: string, more: Readonly<Record<string, string>> = {}): string {
  const variables = {
    ...{ uuid, call_uuid: UUID, direction: 'inbound', start_stamp: '2026-03-02 09:15:04', start_epoch: '1772442904' },
    ...{ callvault_started_epoch: '1772442905', callvault_direction: 'inbound', caller_id_number: '+442079460123' },
    ...{ sip_to_user: '02079460456', cc_queue: 'cards@harbour.example', caller_id_name: `O"Hara; $(id) \`id\`` },
    ...more,
  };
  const encoded = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, encodeURIComponent(value)]),
  );
  const profile = { caller_id_number: '+442079460123', destination_number: '02079460456' };
  return JSON.stringify({ 'core-uuid': OTHER, variables: encoded, callflow: [{ caller_profile: profile }] });
}

describe('the recipe for FreeSWITCH', () => {
  const pass = async (): Promise<{ code: number | null; counts: Record<string, number> }> => {
    const script = join(RECIPES, 'freeswitch-sidecars.mjs');
    const args = [script, join(archive.top, 'json_cdr'), archive.folder, 'freeswitch'];
    const { code, out, err } = await runProgram(process.execPath, args, { cwd: archive.top, env: {} });
    expect(err).toBe('');
    return { code, counts: JSON.parse(out) as Record<string, number> };
  };
  const record = (name: string, text: string): string => {
    mkdirSync(join(archive.top, 'json_cdr'), { recursive: true });
    return archive.beside(`json_cdr/${name}`, text);
  };

  it('writes the sidecar that the connector reads, deletes the record, and keeps nothing else', async () => {
    archive.write(`${UUID}.wav`, wav(8_000));
    const text = recordOf(UUID);
    record(`a_${UUID}.cdr.json`, text);
    record(`${OTHER}.cdr.json`, recordOf(OTHER));
    expect(await pass()).toEqual({ code: 0, counts: { written: 1, waiting: 0, unreadable: 0, without_recording: 0 } });
    const { source, ...metadata } = sidecarOf(`${UUID}.json`) as Record<string, unknown>;
    const read = freeswitch.read(`${UUID}.wav`, new Map([[`${UUID}.cdr.json`, text]]));
    expect({ source, metadata }).toEqual({ source: 'freeswitch', metadata: 'audio' in read ? read.metadata : read });
    expect(readdirSync(archive.folder).sort()).toEqual([`${UUID}.json`, `${UUID}.wav`]);
    expect(statSync(join(archive.folder, `${UUID}.json`)).mode & 0o777).toBe(0o640);
    // The other leg was not recorded: its record is deleted after a day.
    expect(readdirSync(join(archive.top, 'json_cdr'))).toEqual([`${OTHER}.cdr.json`]);
    utimesSync(join(archive.top, 'json_cdr', `${OTHER}.cdr.json`), 1, 1);
    expect((await pass()).counts).toMatchObject({ without_recording: 1 });
    expect(readdirSync(join(archive.top, 'json_cdr'))).toEqual([]);
  });

  it('waits for a record that FreeSWITCH still writes, and reports one that stays unreadable', async () => {
    archive.write(`${UUID}.wav`, wav(8_000));
    const path = record(`a_${UUID}.cdr.json`, recordOf(UUID).slice(0, 200));
    expect(await pass()).toMatchObject({ code: 0, counts: { waiting: 1 } });
    utimesSync(path, 1, 1);
    expect(await pass()).toMatchObject({ code: 1, counts: { unreadable: 1 } });
    writeFileSync(path, recordOf(UUID));
    expect(await pass()).toMatchObject({ code: 0, counts: { written: 1 } });
  });

  it('names the folders of the script, and passes nothing to a shell', () => {
    const dialplan = textOf('docs/recipes/relay/freeswitch.xml').replace(/<!--[\s\S]*?-->/g, '');
    expect(dialplan).toMatch(
      /application="record_session" data="\/var\/spool\/callvault\/recordings\/\$\{uuid\}\.wav"/,
    );
    expect(dialplan).not.toMatch(/system|exec|api|caller|destination/);
    expect(textOf('docs/recipes/relay/json_cdr.conf.xml')).toContain('name="log-dir" value="/var/spool/callvault"');
  });

  describe.skipIf(!sip.present)(`with a real call ${sip.reason}`, () => {
    it('hands the recording over once the call has ended', async () => {
      const call = await startCall(3, '+442079460123');
      try {
        const growing = readFileSync(call.recording() ?? '');
        // The header has no length yet: nothing but the record says that the call has ended.
        expect(growing.readUInt32LE(40)).toBe(0);
        await call.ended();
        copyFileSync(call.recording() ?? '', join(archive.folder, `${UUID}.wav`));
      } finally {
        await call.end();
      }
      record(`a_${UUID}.cdr.json`, recordOf(UUID));
      expect((await pass()).counts).toMatchObject({ written: 1 });
      const [found] = await imported('freeswitch');
      expect(found).toMatchObject({
        call_id: UUID,
        interaction: UUID,
        started_at: '2026-03-02T09:15:05.000Z',
        queue: 'cards@harbour.example',
      });
      expect(found?.['duration_ms']).toBeGreaterThan(2_000);
      expect(found?.['duration_ms']).toBeLessThan(6_000);
    });
  });
});

describe('the recipe for Asterisk', () => {
  const started = '2026-03-02T09:15:04Z';
  const call = {
    id: 'pbx-1772442904.17',
    from: '+442079460123',
    to: '02079460456',
    started,
    linkedid: 'pbx-1772442904.16',
  };

  it.each([
    ['with both numbers', {}, { from: '+442079460123', to: '02079460456' }],
    ['without a number of the caller', { from: '' }, { to: '02079460456' }],
    ['with hostile numbers', { from: '"},{$(id)}\\;1`id`', to: '9"\n' }, { from: '1', to: '9' }],
    ['without any number', { from: 'anonymous', to: 'sales' }, {}],
  ])('writes a sidecar %s in one write', async (_, more, numbers) => {
    const { recording, files } = runRelayDialplan({ ...call, ...more });
    expect(recording).toBe(`/var/spool/callvault/recordings/${call.id}.wav`);
    expect(files.map(([path]) => path)).toEqual([`/var/spool/callvault/recordings/${call.id}.json`]);
    const metadata = {
      source: 'asterisk',
      call_id: call.id,
      interaction: call.linkedid,
      started_at: started,
      direction: 'inbound',
    };
    expect(JSON.parse(files[0]?.[1] ?? '')).toEqual({ ...metadata, ...numbers });
  });

  it('is imported', async () => {
    const { recording, files } = runRelayDialplan(call);
    archive.write(basename(recording), wav(8_000, 2));
    for (const [path, text] of files) archive.write(basename(path), text);
    expect(await imported('asterisk')).toMatchObject([
      { call_id: call.id, interaction: call.linkedid, started_at: '2026-03-02T09:15:04.000Z', direction: 'inbound' },
    ]);
  });

  it('runs no shell', () => {
    const text = textOf('docs/recipes/relay/extensions.conf');
    expect(text).not.toMatch(/System\(|SHELL\(|MixMonitor\([^)]*,/);
  });
});

describe('the page of the recipes', () => {
  it.each([
    [`${UUID}.wav`, UUID, '0'],
    ['pbx-1772442904.17.wav', 'pbx-1772442904.17', '0'],
    ['a84b4c76e66710-9f2c3d4e5a6b7c8d-mix.wav', 'a84b4c76e66710', '9f2c3d4e5a6b7c8d'],
  ])('has patterns by which the relay takes %s without a sidecar', (name, id, leg) => {
    const [block = '{}'] = /(?<=```json\n)[\s\S]*?(?=```)/.exec(textOf('docs/recipes/README.md')) ?? [];
    const { patterns } = relayConfigFrom({
      ...{ url, tenant: world.harbour.tenant, source: 'pbx', folders: ['/a'], spool: '/b', credential: '/c' },
      ...(JSON.parse(block) as object),
    });
    const facts = factsFromName(name, patterns, 'pbx', Date.now());
    expect({ leg: '0', ...facts }).toMatchObject({ call_id: id, leg });
  });
});

describe('the recipe for rtpengine', () => {
  const NAME = 'a84b4c76e66710%40pbx.example-9f2c3d4e5a6b7c8d-mix.wav';
  const HEADERS = {
    'X-Recording-Call-ID': 'a84b4c76e66710@pbx.example',
    'X-Recording-File-Name': NAME,
    'X-Recording-Full-File-Name': `/var/spool/callvault/recordings/${NAME}`,
    'X-Recording-File-Format': 'wav',
    'X-Recording-Kind': 'mixed',
    'X-Recording-Call-Start-Time': '1772442904.873201',
    'X-Recording-Call-Metadata': 'from:+442079460123|to:02079460456|direction:inbound|color:red|agent:',
  };
  let child: ChildProcess;
  let port: string;
  beforeEach(async () => {
    child = spawn(process.execPath, [join(RECIPES, 'rtpengine-sidecars.mjs'), archive.folder, '0'], { stdio: 'pipe' });
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await until('it listens', () => said.includes('listening'), { everyMs: 20, seen: () => said });
    port = /listening on (\d+)/.exec(said)?.[1] ?? '';
  });
  afterEach(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  async function notify(headers: Readonly<Record<string, string>>): Promise<number | undefined> {
    const sent = request({ host: '127.0.0.1', port, method: 'POST', headers }).end();
    const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
    response.resume();
    return response.statusCode;
  }

  it('writes a sidecar from the notification, whose key is that of the file name', async () => {
    archive.write(NAME, wav(8_000, 3));
    expect(await notify(HEADERS)).toBe(204);
    const name = NAME.replace('.wav', '.json');
    const metadata = {
      ...{ call_id: 'a84b4c76e66710@pbx.example', leg: '9f2c3d4e5a6b7c8d', started_at: '2026-03-02T09:15:04.873Z' },
      ...{ from: '+442079460123', to: '02079460456', direction: 'inbound' },
    };
    expect(sidecarOf(name)).toEqual({ source: 'rtpengine', ...metadata });
    expect(readdirSync(archive.folder).sort()).toEqual([name, NAME].sort());
    const { key } = rtpengine.read(NAME, new Map()) as { key: unknown };
    expect(key).toEqual({ callId: metadata.call_id, leg: metadata.leg });
    expect(await imported('rtpengine')).toMatchObject([{ call_id: metadata.call_id, leg: metadata.leg }]);
  });

  it.each([
    ['a file that is not there', { 'X-Recording-File-Name': 'other-9f2c3d4e5a6b7c8d-mix.wav' }, 404],
    ['a file outside of the folder', { 'X-Recording-File-Name': '../uploader.key' }, 400],
    ['an absolute path', { 'X-Recording-File-Name': '/etc/passwd' }, 400],
    ['no call', { 'X-Recording-Call-ID': '' }, 400],
  ])('answers a notification of %s so that it is sent again, and writes nothing', async (_, more, status) => {
    archive.write(NAME, wav(800));
    expect(await notify({ ...HEADERS, ...more })).toBe(status);
    expect(readdirSync(archive.folder)).toEqual([NAME]);
    expect(existsSync(join(archive.top, 'uploader.json'))).toBe(false);
  });

  it('has the names and the port of its configuration', () => {
    const config = textOf('docs/recipes/relay/rtpengine-recording.conf');
    expect(config).toMatch(/^output-pattern = %c-%r-%t$/m);
    expect(config).toMatch(/^notify-uri = http:\/\/127\.0\.0\.1:8471\/$/m);
    expect(textOf('docs/recipes/relay/kamailio.cfg')).toContain(
      'metadata=from:$var(from)|to:$var(to)|direction:inbound',
    );
  });
});
