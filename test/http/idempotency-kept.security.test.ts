// Idempotency-Key: the stored rows contain no personal data.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scanBytes, searchPatternsOf, textCanary } from '../support/leak-scanner.ts';
import type { World } from '../support/world.ts';
import { type Keyed, makeKeyed, wishFor } from './keyed.ts';

let world: World;
let recording: string;
let post: Keyed['post'];
let asked: Keyed['asked'];
let keys: Keyed['keys'];
beforeEach(async () => {
  ({ world, recording, post, asked, keys } = await makeKeyed());
});
afterEach(() => world.end());

it('the table has no personal data, and no key is stored anywhere', async () => {
  const { uploader, reviewer, supervisor } = world.harbour;
  const call = {
    source: 'pbx',
    call_id: 'call-of-zanzibar',
    from: '+442071838750',
    agent: 'Quillfeather',
    notes: 'odd',
  };
  const wish = { ...wishFor(recording), reason: 'Brackenridge complained', ticket: 'TCK-77231' };
  const key = 'idem-Penhaligon-442071838750';
  expect((await post(uploader, '/v1/recordings', key, call)).status).toBe(201);
  expect((await post(reviewer, '/v1/access-requests', key, wish)).status).toBe(201);
  const deny = { reason: 'Wolstenholme said no' };
  expect((await post(supervisor, `/v1/access-requests/${await asked()}/deny`, key, deny)).status).toBe(200);
  const rows = keys();
  expect(rows).toHaveLength(3);
  // A row has ids, 16-byte indexes, a time, and nothing else.
  for (const row of rows) {
    expect(row).toEqual({
      tenant: world.harbour.tenant,
      principal: expect.stringMatching(/^(usr|svc)_/),
      route: expect.stringMatching(/^POST \/v1\/[a-z/{}-]+$/),
      key: expect.any(Uint8Array),
      owner: expect.stringMatching(/^[0-9a-f-]{36}$/),
      body: expect.any(Uint8Array),
      until: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      outcome: expect.stringMatching(/^(created|done)$/),
      ids: expect.stringMatching(/^(rec|req)_[0-9a-z]{26}$/),
      seq: expect.any(Number),
    });
    expect([(row['key'] as Buffer).length, (row['body'] as Buffer).length]).toEqual([16, 16]);
  }
  const words = ['zanzibar', '442071838750', 'Quillfeather', 'Brackenridge', 'TCK-77231', 'Wolstenholme', 'Penhaligon'];
  const needles = words.flatMap((word) => searchPatternsOf(textCanary(word, word)));
  const bytes = Buffer.concat(
    rows.flatMap(Object.values).map((value) => Buffer.from(value instanceof Uint8Array ? value : String(value))),
  );
  expect(scanBytes('idempotency', bytes, needles)).toEqual([]);
  expect(scanBytes('planted', Buffer.concat([bytes, Buffer.from('Wolstenholme')]), needles)).not.toEqual([]);
  const folder = dirname(world.sql.name);
  let files = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    expect(scanBytes(path, await readFile(path), needles)).toEqual([]);
    files++;
  }
  expect(files).toBeGreaterThan(2);
  expect(JSON.stringify(world.answered)).not.toMatch(/Penhaligon|idem-/);
});

it('equal keys and bodies of different principals or tenants never match', async () => {
  const body = { source: 'pbx', call_id: 'same' };
  for (const who of [world.harbour.uploader, world.yunhai.uploader]) {
    for (const key of ['a', 'b']) expect((await post(who, '/v1/recordings', key, body)).status).toBeLessThan(300);
  }
  const hex = (column: string) => new Set(keys().map((row) => (row[column] as Buffer).toString('hex'))).size;
  expect([keys().length, hex('key'), hex('body')]).toEqual([4, 4, 4]);
});
