// An archive that changes while it is imported: files that become links are not read.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openIn } from '../../src/cli/import/folder.ts';
import { importFolder } from '../../src/cli/import/run.ts';
import type { Layout } from '../../src/connectors/layout.ts';

let top: string;
let folder: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'callvault-import-links-'));
  folder = join(top, 'archive');
  mkdirSync(folder);
  writeFileSync(join(top, 'outside'), 'OUTSIDE');
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

/** What an import reads of the folder, as `sent` and `texts`, and reports; `swap` runs once everything is listed. */
async function imported(swap: () => void, besideOf: Layout['besideOf'] = () => []) {
  const [sent, texts, reported]: [string[], string[], string[]] = [[], [], []];
  const layout: Layout = {
    roleOf: (path) => {
      if (path === 'z') swap();
      return path.endsWith('.wav') ? 'recording' : 'beside';
    },
    besideOf,
    read: (path, found) => {
      texts.push(...found.values());
      return { key: { callId: path, leg: '0' }, audio: true, metadata: { callId: path } } as never;
    },
  };
  writeFileSync(join(folder, 'z'), 'the last name');
  await importFolder({
    ...{ folder, layout, expected: [], source: 'pbx', concurrency: 1, own: new Set<string>() },
    report: {
      add: ({ file, code }) => void reported.push(`${file} ${code}`),
      end: () => undefined,
      close: () => undefined,
    },
    progress: { total: () => undefined, step: () => undefined, note: () => undefined, end: () => undefined },
    signal: AbortSignal.timeout(60_000),
    sender: {
      recording: async (_metadata, { size, bytes }) => {
        for await (const piece of bytes()) sent.push(String(piece));
        return { kind: 'stored', created: true, confirmed: { recording: 'rec', size, sha256: '' } };
      },
      transcript: () => expect.fail('there is none'),
    },
    journal: { fileId: (path) => path, confirmed: () => null, recordingOf: () => null, confirm: () => undefined },
  });
  return { sent, texts, reported };
}

const becomesLink = (name: string) => () => {
  rmSync(join(folder, name));
  symlinkSync('../outside', join(folder, name));
};

it('audio that became a link after it was listed is not sent', async () => {
  writeFileSync(join(folder, 'a.wav'), 'audio');
  writeFileSync(join(folder, 'b.wav'), 'more');
  expect(await imported(becomesLink('a.wav'))).toEqual({ sent: ['more'], texts: [], reported: ['a.wav file-missing'] });
});

it('metadata that became a link after it was listed is not read', async () => {
  writeFileSync(join(folder, 'a.wav'), 'audio');
  writeFileSync(join(folder, 'a.json'), '{}');
  const beside = () => ['a.json'];
  expect(await imported(() => undefined, beside)).toMatchObject({ texts: ['{}'] });
  expect(await imported(becomesLink('a.json'), beside)).toEqual({ sent: ['audio'], texts: [], reported: [] });
});

it.each(['linked/a.json', '../outside', 'json/../../outside'])(
  'metadata at %s, which was not listed, is not read',
  async (path) => {
    writeFileSync(join(folder, 'a.wav'), 'audio');
    mkdirSync(join(top, 'elsewhere'));
    mkdirSync(join(folder, 'json'));
    writeFileSync(join(top, 'elsewhere', 'a.json'), 'OUTSIDE');
    symlinkSync('../elsewhere', join(folder, 'linked'));
    expect(
      await imported(
        () => undefined,
        () => [path],
      ),
    ).toEqual({ sent: ['audio'], texts: [], reported: ['linked a-link'] });
  },
);

it('an opened file stays the one that was listed, and can be read again', async () => {
  writeFileSync(join(folder, 'a.wav'), 'audio');
  const file = await openIn(folder, 'a.wav');
  renameSync(join(folder, 'a.wav'), join(folder, 'b.wav'));
  becomesLink('b.wav')();
  for (let n = 0; n < 2; n++) {
    let text = '';
    for await (const piece of file?.bytes() ?? []) text += String(piece);
    expect(text).toBe('audio');
  }
  await file?.close();
});
