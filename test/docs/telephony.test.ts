// The recipes for telephone systems: the commands of their dialplans run in a shell, against a service.
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asteriskHook, type Call, freeswitchHook, type Hook } from '../support/dialplan.ts';
import { needs } from '../support/needs.ts';
import { makePbx, type Pbx, UPLOAD } from '../support/pbx.ts';
import { freePort } from '../support/servers/process.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const STARTED = '2026-01-02T03:04:05Z';
const curl = needs('curl');

describe.skipIf(!curl.present)(`uploading from a telephone system ${curl.reason}`, () => {
  const world = sharedWorld();
  let url: string;
  let pbx: Pbx;
  beforeAll(async () => {
    ({ url } = await world.listen());
  });
  beforeEach(() => {
    pbx = makePbx(world.harbour.uploader.key);
  });
  afterEach(() => pbx.end());

  /** A recipe's command with this machine's folder, script and address, and the file that it uploads. */
  function here({ file, command }: Hook, at = url): { readonly file: string; readonly command: string } {
    const local = (text: string) =>
      text
        .replaceAll(dirname(file), pbx.folder)
        .replaceAll('/usr/local/bin/callvault-upload', UPLOAD)
        .replaceAll('https://vault.example', at);
    writeFileSync(local(file), wav(8_000));
    return { file: local(file), command: local(command) };
  }

  async function shownOf(id: string): Promise<Record<string, unknown>> {
    const reply = await world.call('GET', `/v1/recordings/${id}`, { key: world.harbour.reviewer.key });
    expect(reply.status).toBe(200);
    return (await reply.json()) as Record<string, unknown>;
  }

  const PLATFORMS = [
    ['FreeSWITCH', 'freeswitch', freeswitchHook],
    ['Asterisk', 'asterisk', asteriskHook],
  ] as const;

  describe.each(PLATFORMS)('%s', (_, source, hook) => {
    let n = 0;
    const call = (more: Partial<Call> = {}): Call => {
      n += 1;
      return { id: `1767322${n}.4${n}`, from: '+442079460123', to: '02079460456', started: STARTED, ...more };
    };

    it('uploads a call with its metadata, and deletes the file after the confirmation', async () => {
      const one = call();
      const { file, command } = here(hook(one));
      const { code, out, err } = await pbx.shell(command);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^rec_[0-9a-z]{26}\n$/);
      expect(await shownOf(out.trim())).toMatchObject({
        source,
        call_id: one.id,
        started_at: '2026-01-02T03:04:05.000Z',
        direction: 'inbound',
        duration_ms: 500,
      });
      const json = { number: '+44 20 7946 0123' };
      const found = await world.call('POST', '/v1/recordings/search', { key: world.harbour.reviewer.key, json });
      expect(await found.text()).toContain(out.trim());
      expect(existsSync(file)).toBe(false);
      expect(existsSync(`${file}.callvault`)).toBe(false);
    });

    it('runs no text that a caller chooses', async () => {
      const from = `1;touch ${pbx.folder}/ran;$(touch ${pbx.folder}/ran)\`touch ${pbx.folder}/ran\`\${system(touch ${pbx.folder}/ran)}'"|&`;
      const { command } = here(hook(call({ from, to: `9 ${from}` })));
      const { code, out } = await pbx.shell(command);
      expect(code).toBe(0);
      expect(await shownOf(out.trim())).toMatchObject({ source });
      expect(existsSync(join(pbx.folder, 'ran'))).toBe(false);
    });

    it('keeps the file while the service is unavailable, and uploads it with --again', async () => {
      const port = await freePort();
      const { file, command } = here(hook(call()), `http://127.0.0.1:${port}`);
      const down = await pbx.shell(command);
      expect(down.code).toBe(1);
      expect(down.err).toContain('is kept');
      expect(existsSync(file)).toBe(true);
      const again = () => pbx.upload(['--again', pbx.folder]);
      expect((await again()).code).toBe(1);
      expect(existsSync(file)).toBe(true);
      await world.listen(port);
      const up = await again();
      expect({ code: up.code, err: up.err }).toEqual({ code: 0, err: '' });
      expect(await shownOf(up.out.trim())).toMatchObject({ source, direction: 'inbound' });
      expect(existsSync(file)).toBe(false);
      expect(await again()).toEqual({ code: 0, out: '', err: '' });
    });
  });
});
