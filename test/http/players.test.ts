// ffmpeg, ffplay and mpv: playing a whole call, and seeking, by its session's address.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

const ffmpeg = needs('ffmpeg');
const mpv = needs('mpv');
/** Longer than the first 30 seconds, which every session gets at once. */
const SECONDS = 40;
/** Decoded bytes per second: 8 kHz, 16 bits, one channel. */
const SECOND = 16_000;
const LIMIT_MS = 150_000;

type Ran = { readonly code: number | null; readonly bytes: number; readonly errors: string };

function run(program: string, args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, SDL_VIDEODRIVER: 'dummy', SDL_AUDIODRIVER: 'dummy' };
  const child = spawn(program, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let [bytes, errors] = [0, ''];
  child.stdout.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  child.stderr.on('data', (piece: Buffer) => {
    errors += String(piece);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, bytes, errors }));
  });
}

describe.skipIf(!ffmpeg.present)(`players ${ffmpeg.reason}`, () => {
  let folder: string;
  let world: World;
  let url: string;
  const recordings: Record<string, string> = {};

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'callvault-players-'));
    const mp3 = join(folder, 'call.mp3');
    const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=16000:duration=${SECONDS}`];
    const made = spawnSync('ffmpeg', ['-v', 'error', ...tone, '-b:a', '32k', mp3], { timeout: LIMIT_MS });
    expect(made.status).toBe(0);
    world = await makeWorld({ paced: true });
    url = (await world.listen()).url;
    for (const [name, type, body] of [
      ['wav', 'audio/wav', wav(SECONDS * SECOND)],
      ['mp3', 'audio/mpeg', readFileSync(mp3)],
    ] as const) {
      recordings[name] = await world.deposited(world.harbour, name, body, { type });
    }
  });
  afterAll(async () => {
    await world.end();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The address of a new session, with its pace before it. */
  const media = async (name: string): Promise<string> => {
    const { harbour } = world;
    return `${url}/v1/sessions/${await world.session(harbour, await world.grant(harbour, recordings[name] ?? ''))}/media`;
  };
  const bearer = () => `Authorization: Bearer ${world.harbour.reviewer.key}`;
  const decode = async (name: string, before: readonly string[], after: readonly string[]): Promise<Ran> =>
    run('ffmpeg', [
      ...['-v', 'error', '-xerror', '-headers', `${bearer()}\r\n`, ...before, '-i', await media(name), ...after],
      ...['-f', 's16le', '-ac', '1', '-ar', '8000', 'pipe:1'],
    ]);

  it.each(['wav', 'mp3'])(
    'ffmpeg reads a whole %s, not its first 30 seconds',
    async (name) => {
      const { code, bytes, errors } = await decode(name, [], []);
      expect([code, errors]).toEqual([0, '']);
      expect(bytes / SECOND).toBeGreaterThan(SECONDS - 1);
      expect(bytes / SECOND).toBeLessThan(SECONDS + 1);
    },
    2 * LIMIT_MS,
  );

  it.each(['wav', 'mp3'])(
    'ffmpeg seeks in a %s',
    async (name) => {
      const { code, bytes } = await decode(name, ['-ss', String(SECONDS - 10)], ['-t', '2']);
      expect(code).toBe(0);
      expect(bytes / SECOND).toBeGreaterThan(1.9);
      expect(bytes / SECOND).toBeLessThan(2.1);
    },
    2 * LIMIT_MS,
  );

  it.each(['wav', 'mp3'])(
    'ffplay plays the end of a %s and exits',
    async (name) => {
      const start = ['-v', 'error', '-nodisp', '-autoexit', '-ss', String(SECONDS - 3)];
      const { code, errors } = await run('ffplay', [...start, '-headers', `${bearer()}\r\n`, await media(name)]);
      expect([code, errors]).toEqual([0, '']);
    },
    2 * LIMIT_MS,
  );

  describe.skipIf(!mpv.present)(`mpv ${mpv.reason}`, () => {
    const play = async (name: string, ...options: readonly string[]) => {
      const file = join(folder, `${name}-${options.length}.wav`);
      const sound = ['--ao=pcm', `--ao-pcm-file=${file}`, '--audio-format=s16', '--audio-samplerate=8000'];
      const quiet = ['--no-config', '--no-video', '--audio-channels=mono', '--msg-level=all=error'];
      const args = [...quiet, ...sound, ...options, `--http-header-fields=${bearer()}`, await media(name)];
      const { code, errors } = await run('mpv', args);
      expect([code, errors]).toEqual([0, '']);
      return (statSync(file).size - 44) / SECOND;
    };

    it.each(['wav', 'mp3'])(
      'plays all of a %s, and a part of it',
      async (name) => {
        const all = await play(name);
        expect(all).toBeGreaterThan(SECONDS - 1);
        expect(all).toBeLessThan(SECONDS + 1);
        const part = await play(name, `--start=${SECONDS - 10}`, '--length=2');
        expect(part).toBeGreaterThan(1.5);
        expect(part).toBeLessThan(3);
      },
      3 * LIMIT_MS,
    );
  });
});
