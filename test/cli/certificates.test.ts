// callvault certificates check: offline, in a folder with nothing but the certificate.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { verifierKey } from '../../src/model/log/note.ts';
import { builtBin } from '../support/built.ts';
import {
  correctionEvent,
  LOG_OF_TENANT,
  noteOf,
  signingUnder,
  someCertificate,
} from '../support/erasure-certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'callvault-certificate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ours = signingUnder();
const key = verifierKey(ours.key);
const { ids, ...good } = someCertificate({ backups: null });
const held = newId('rec');
const note = noteOf({ ...good, stays: [{ recording: held, held: true }] }, ours);

/** Runs the command on this text, in the folder and with no environment but the path. */
function check(text: string, ...args: readonly string[]) {
  writeFileSync(join(folder, 'certificate.txt'), text);
  const command = [builtBin(), 'certificates', 'check', 'certificate.txt', ...args];
  const env = { PATH: process.env['PATH'] ?? '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, env, encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

describe('callvault certificates check', () => {
  it('prints what a good certificate says, and leaves nothing behind', () => {
    const { status, out, err } = check(note, '--verifier', key);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain(`Certificate of erasure of the log ${LOG_OF_TENANT}, issued 2026-03-01T11:00:00.000Z.\n`);
    expect(out).toContain(`Reason: retention (${good.cause}).\n`);
    for (const id of ids)
      expect(out).toContain(`${id}: call began 2025-12-01T09:00:00.000Z, keys destroyed 2026-03-01`);
    expect(out).toContain(`${held}: held\n`);
    expect(out).toContain('Backups may have the keys until: unknown.\n');
    expect(out).toMatch(/\nevent 7: hash [A-Za-z0-9+/]{43}=; compare it with the log\n0 findings\.\n$/);
    expect(readdirSync(folder)).toEqual(['certificate.txt']);
  });

  it('says which event put a wrong clock right', () => {
    const corrected = noteOf({ ...good, corrections: [correctionEvent(9, '2026-02-01T09:00:00.000Z')] }, ours);
    const { status, out } = check(corrected, '--verifier', key);
    expect(status).toBe(0);
    expect(out).toContain(
      'A wrong clock wrote some of these times. Event 9 put it right at 2026-02-01T09:00:00.000Z.\n',
    );
    expect(out).toMatch(/\nevent 9: hash [A-Za-z0-9+/]{43}=; compare it with the log\n/);
    expect(JSON.parse(check(corrected, '--json', '--verifier', key).out)).toMatchObject({
      certificate: { events: [{ index: 7 }], corrections: [{ index: 9, ts: '2026-02-01T09:00:00.000Z' }] },
    });
  });

  it('takes both keys while the signer is replaced, and prints JSON', () => {
    const { status, out } = check(note, '--json', '--verifier', verifierKey(signingUnder().key), key);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ...{ log: LOG_OF_TENANT, findings: [] },
      certificate: { erased: good.erased, events: [{ index: 7, ts: '2026-03-01T10:00:00.000Z' }] },
    });
  });

  it('exits with 1 for a changed byte, another key, and a recording of another certificate', () => {
    const changed = check(note.replace('issued 2', 'issued 3'), '--verifier', key);
    expect(changed.status).toBe(1);
    expect(changed.out).toMatch(/^signature: .*\n1 finding\.\n$/);
    expect(check(note, '--verifier', verifierKey(signingUnder().key)).status).toBe(1);
    const moved = noteOf({ ...good, erased: [...good.erased, ...someCertificate().erased.slice(0, 1)] }, ours);
    const found = check(moved, '--verifier', key);
    expect(found.status).toBe(1);
    expect(found.out).toContain('unlisted in line 7: No event of the certificate lists this recording.\n1 finding.\n');
  });

  it('exits with 2 for what it cannot check', () => {
    const foreign = verifierKey(signingUnder(`vault.example/${newId('ten')}`).key);
    const unusable = [
      check(note, '--verifier', foreign),
      check(note, '--verifier', 'a key'),
      check('a letter\n', '--verifier', key),
      check(ours.sign(`${LOG_OF_TENANT}\n7\nAAAA\n`), '--verifier', key),
      check(note, 'another-file', '--verifier', key),
      check(note),
    ];
    expect(unusable.map(({ status, out }) => [status, out])).toEqual(unusable.map(() => [2, '']));
    expect(unusable.map(({ err }) => err.split('\n')[0])).toEqual([
      `callvault: no --verifier is for the log "${LOG_OF_TENANT}"`,
      'callvault: --verifier a key is not a verifier key of a signed note',
      ...Array.from({ length: 2 }, () => 'callvault: certificate.txt is not a signed certificate of erasure'),
      expect.stringContaining('argument'),
      expect.stringContaining('--verifier'),
    ]);
  });
});
