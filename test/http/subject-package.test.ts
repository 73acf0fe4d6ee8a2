// The package of copies for a recorded person, on both engines, opened by another ZIP reader.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf } from '../support/changes.ts';
import { consentIn, NUMBER } from '../support/consent.ts';
import { ENGINES } from '../support/engines.ts';
import { needs } from '../support/needs.ts';
import { type SubjectPeople, subjectPeople, subjectsIn } from '../support/subject-requests.ts';
import { sharedWorld } from '../support/worlds.ts';

const OTHER = '+441234000000';
const folder = mkdtempSync(join(tmpdir(), 'callvault-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The files of an archive by name, read by Python. */
function unzipped(bytes: Uint8Array): ReadonlyMap<string, Buffer> {
  const at = mkdtempSync(join(folder, 'zip-'));
  writeFileSync(join(at, 'package.zip'), bytes);
  const out = join(at, 'files');
  const run = spawnSync('/usr/bin/python3', ['-m', 'zipfile', '-e', join(at, 'package.zip'), out], {
    encoding: 'utf8',
  });
  expect(run).toMatchObject({ status: 0, stderr: '' });
  const names = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(out.length + 1), readFileSync(path)];
    }),
  );
}

const python = needs('python3');

describe.skipIf(!python.present).each(ENGINES)(
  `on $engine, the package of copies $reason ${python.reason}`,
  ({ engine, present }) => {
    const world = sharedWorld({ signed: true }, engine);
    const { call } = consentIn(world);
    let people: SubjectPeople;
    const of = subjectsIn(world, () => people);
    beforeAll(async () => {
      if (present) people = await subjectPeople(world);
    }, 300_000);
    const packageOf = (id: string) => people.privacy.browser.call('GET', `/v1/subject-requests/${id}/package`);

    it.runIf(present)(
      'has audio, transcripts and facts of each copy, the answer and digests',
      async () => {
        const { harbour } = world;
        const began = '2026-03-01T23:30:00.000Z';
        const recording = await call('copied', 0, {
          'vault-meta-started-at': began,
          'vault-meta-to': OTHER,
          'vault-meta-agent': 'agent%207',
          'vault-meta-queue': 'billing',
          ...{ 'vault-meta-basis': 'consent', 'vault-meta-basis-evidence': 'the neighbour' },
        });
        const put = {
          key: harbour.uploader.key,
          type: 'text/vtt',
          body: Buffer.from('WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n'),
        };
        expect((await world.call('PUT', `/v1/recordings/${recording}/transcripts/en`, put)).status).toBe(201);
        const { id, change } = await of.decided(['access']);
        const reply = await packageOf(id);
        expect(reply.status).toBe(200);
        expect(reply.headers.get('content-type')).toBe('application/zip');
        expect(reply.headers.get('content-disposition')).toBe(`attachment; filename="${id}.zip"`);
        const files = unzipped(new Uint8Array(await reply.arrayBuffer()));
        const at = `calls/2026-03-01_${recording}`;
        expect([...files.keys()].sort()).toEqual([
          'answer/answer.en.html',
          'answer/answer.json',
          'answer/answer.zh-CN.html',
          `${at}/audio.wav`,
          `${at}/facts.json`,
          `${at}/transcript-en.vtt`,
          'digests.txt',
        ]);
        const digestOf = (name: string) =>
          createHash('sha256')
            .update(files.get(name) ?? '')
            .digest('hex');
        expect(files.get(`${at}/transcript-en.vtt`)).toEqual(put.body);
        const facts = String(files.get(`${at}/facts.json`));
        expect(JSON.parse(facts)).toMatchObject({ started_at: began, queue: 'billing', numbers: { from: NUMBER } });
        for (const other of [OTHER, 'agent', 'neighbour', 'copied', 'pbx']) expect(facts).not.toContain(other);
        expect(JSON.parse(facts).sha256.audio).toBe(digestOf(`${at}/audio.wav`));
        const digests = String(files.get('digests.txt'));
        for (const name of files.keys())
          if (name !== 'digests.txt') expect(digests).toContain(`${digestOf(name)}  ${name}\n`);
        expect(digests).toMatch(
          new RegExp(`^callvault/package@v1\\n\\S+/${harbour.tenant}\\nrequest ${id}\\nchange ${change}\\n`),
        );
        expect(digests).toMatch(/\n\n— \S+ \S+\n$/);

        const events = (await eventsOf(world, harbour.tenant)).filter(({ object }) => object['change'] === change);
        const [opened, ended] = events.filter(({ action }) => action.startsWith('session.'));
        expect(opened).toMatchObject({
          action: 'session.opened',
          object: { recording, purpose: 'subject-request', change },
        });
        expect(ended).toMatchObject({ action: 'session.ended', object: { recording, reason: 'closed', unwraps: 2 } });
        expect(Number(ended?.object['bytes'])).toBe((files.get(`${at}/audio.wav`)?.length ?? 0) + put.body.length);
        expect(Number(ended?.object['heard_ms'])).toBeGreaterThan(59_000);
      },
      300_000,
    );
  },
);
