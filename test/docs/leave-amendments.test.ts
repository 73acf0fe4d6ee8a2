// The reader of docs/leave.py against the vectors of amendment streams: each recording's stream, whole and hostile.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { hkdfExpand, info } from '../../src/bytes/derivation.ts';
import { parseEntryPath } from '../../src/envelope/amendments/entry-name.ts';
import { sealMessage } from '../../src/envelope/message.ts';
import { vectors } from '../envelope/amendments/amendment-vectors.ts';
import { needs } from '../support/needs.ts';

const python = needs('python-cryptography');
const KEY = vectors.keys['metadata_key'] ?? '';

type Given = {
  readonly name: string;
  readonly subject: string;
  readonly facts?: string | undefined;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
};
type Read = {
  readonly authentic: number;
  readonly fault: readonly [code: string, n: number] | null;
  readonly facts_after: readonly string[];
  readonly comments: string;
};

/** Reads all of them in one process. */
function read(streams: readonly Given[]): Read[] {
  const given = streams.map(({ subject, facts = '{}', blobs }) => ({
    subject,
    facts,
    blobs: [...blobs].map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')]),
  }));
  const input = JSON.stringify({ key: KEY, streams: given });
  const ended = spawnSync('/usr/bin/python3', ['test/docs/read-streams.py'], { input, encoding: 'utf8' });
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(ended.stdout) as Read[];
}

const stored = new Map(vectors.entries.map(({ path, json }) => [path, Buffer.from(json)]));
const isRecording = (subject: string | undefined): boolean => subject?.startsWith('rec_') === true;

/** An entry whose body is so long, sealed as the vector says. */
function longest(vector: (typeof vectors.longest)[number]): Given {
  const { path, times, by, at, event, salt, mac, body: length } = vector;
  const { tenant, subject } = parseEntryPath(path) ?? { tenant: '', subject: '' };
  const body = `{"by":"${by}","op":"facts","set":{"x_long":"${'x'.repeat(times)}"},"v":1,"why":"recording.amended"}`;
  const key = hkdfExpand(Buffer.from(KEY, 'hex'), info('callvault/amendment@v1'), 32);
  const context = info('callvault/amendment@v1', tenant, subject, '1', event);
  const sealed = sealMessage(key, context, Buffer.from(body), Buffer.from(salt, 'hex')).toString('base64');
  const ids = `"prev":"${Buffer.alloc(64).toString('base64')}","sealed":"${sealed}","subject":"${subject}"`;
  const json = `{"at":"${at}","event":"${event}","format":"callvault/1","mac":"${mac}","n":1,${ids},"tenant":"${tenant}"}`;
  return { name: `a body of ${length} bytes`, subject, blobs: new Map([[path, Buffer.from(json)]]) };
}

describe.skipIf(!python.present)(`docs/leave.py reads streams ${python.reason}`.trim(), () => {
  it('applies whole ones to facts, and has their comments', () => {
    const streams = vectors.streams.filter(({ subject }) => isRecording(subject));
    expect(streams.length).toBeGreaterThan(3);
    // The blobs of all streams: names say which are this one's.
    const found = read(streams.map(({ name, subject, facts }) => ({ name, subject, facts, blobs: stored })));
    for (const [n, { name, entries, facts_after, comments }] of streams.entries()) {
      const wanted = { authentic: entries.length, fault: null, facts_after, comments };
      expect([name, found[n]]).toEqual([name, wanted]);
    }
  });

  it('names the first fault of hostile ones as the vectors do', () => {
    // Rows show what a reader of the bucket cannot see.
    const hostile = vectors.hostile
      .filter(({ rows }) => rows === undefined)
      .flatMap((vector) => {
        const whole = vectors.streams.find(({ name }) => name === vector.stream);
        const subject = whole?.subject ?? vector.subject ?? '';
        if (!isRecording(subject)) return [];
        const blobs = new Map((whole?.entries ?? []).map((path) => [path, stored.get(path) ?? Buffer.alloc(0)]));
        for (const path of vector.drop) blobs.delete(path);
        for (const { path, json, pad = 0 } of vector.put) {
          const thousand = 'x'.repeat(1000);
          blobs.set(path, Buffer.from(pad === 0 ? json : json.replace(thousand, thousand + 'x'.repeat(pad))));
        }
        const { name, fault, n, authentic } = vector;
        return [{ given: { name, subject, blobs }, wanted: [name, authentic, fault === null ? null : [fault, n]] }];
      });
    expect(hostile.length).toBeGreaterThan(80);
    const found = read(hostile.map(({ given }) => given));
    const said = hostile.map(({ given }, n) => [given.name, found[n]?.authentic, found[n]?.fault]);
    expect(said).toEqual(hostile.map(({ wanted }) => wanted));
  });

  it('reads a body of 32,768 bytes, and none that is longer', () => {
    const found = read(vectors.longest.map(longest));
    const faults = vectors.longest.map(({ fault }) => (fault === null ? null : [fault, 1]));
    expect(found.map(({ fault }) => fault)).toEqual(faults);
  });
});
