// Certificates of erasure over HTTP: of one recording, of a batch of expiry, while one runs, and of another tenant.
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { newId } from '../../src/bytes/ids.ts';
import { leafHash } from '../../src/model/audit-event.ts';
import { readCertificate } from '../../src/model/log/certificate/certificate.ts';
import { checkCertificate } from '../../src/model/log/certificate/check-certificate.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { issueCertificate } from '../../src/vault/certificates/issue.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { expirer } from '../../src/vault/retention/expire.ts';
import { eventsOf } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { beginErasing, certificateOf, certificateReply, endErasures, keyOfLog } from '../support/erased-calls.ts';
import { applyToAll, eraseAfter, setRules } from '../support/retention-rules.ts';
import { wavOf } from '../support/vault.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const DAY = 86_400_000;
const request = () => ({ signal: AbortSignal.timeout(120_000) });
const never = (): void => undefined;

describe.each(ENGINES)('certificates of erasure on $engine $reason', ({ engine, present }) => {
  const world = sharedWorld({ signed: true, backupDays: 35, erasePerMinute: 60 }, engine);
  const tenant = () => world.harbour.tenant;
  const deposit = (callId: string, sent = {}) => world.deposited(world.harbour, callId, wavOf(2_000), sent);
  const check = (note: string) => checkCertificate(note, [keyOfLog(world, tenant())], noteCrypto);
  const eventAt = async (seq: number) => (await eventsOf(world, tenant())).find((one) => one.seq === seq);

  it.runIf(present)('certify the erasure of one recording', async () => {
    const startedAt = '2024-05-06T07:08:09.000Z';
    const recording = await deposit('one', { 'Vault-Meta-Started-At': startedAt });
    const seq = await beginErasing(world, tenant(), recording, 'error');
    await endErasures(world);
    const reply = await certificateReply(world, world.harbour, seq);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const note = await reply.text();
    const { certificate, findings, events, log } = check(note);
    expect(findings).toEqual([]);
    const began = await eventAt(seq);
    const ended = (await eventsOf(world, tenant())).find(
      ({ action, object }) => action === 'recording.erased' && object['begun'] === seq,
    );
    expect(certificate).toMatchObject({ reason: 'error', cause: null, stays: [], log: `vault.example/${tenant()}` });
    expect(certificate?.erased).toEqual([{ recording, began: startedAt, destroyed: began?.ts, gone: ended?.ts }]);
    expect(certificate?.database).toBe(ended?.object['database']);
    const last = new Date(Date.parse(String(ended?.ts)) + 35 * DAY).toISOString().slice(0, 10);
    expect(certificate?.backups).toBe(last);
    // The event is the log's, byte for byte.
    const [stored] = await world.vault.db.read((rows) => rows.log.events(tenant(), seq, 1), request());
    expect(Buffer.from(events[0]?.hash ?? [])).toEqual(Buffer.from(stored?.hash ?? []));
    expect(log).toBe(`vault.example/${tenant()}`);

    const issued = (await eventsOf(world, tenant())).at(-1);
    expect(issued).toMatchObject({
      action: 'certificate.issued',
      actor: { type: 'person', id: world.harbour.auditor.id },
      object: { id: began?.id, erased: 1, sha256: sha256(Buffer.from(note)).toString('hex') },
    });
    expect(reply.headers.get('vault-audit')).toMatch(new RegExp(`^vault.example/${tenant()} ${issued?.seq} `));
    const privacy = await world.call('GET', `/v1/erasures/${seq}/certificate`, { key: world.harbour.privacy.key });
    expect(check(await privacy.text()).findings).toEqual([]);
  });

  it.runIf(present)('find the erasure by the id of its event too', async () => {
    const seq = await beginErasing(world, tenant(), await deposit('by-id'));
    const id = String((await eventAt(seq))?.id);
    await endErasures(world);
    expect(check(await certificateOf(world, world.harbour, id)).certificate?.events.map((one) => one.seq)).toEqual([
      seq,
    ]);
  });

  it.runIf(present)('say which recordings are still being erased', async () => {
    const recording = await deposit('running');
    const seq = await beginErasing(world, tenant(), recording);
    const before = await world.vault.db.read((rows) => rows.log.size(tenant()), request());
    const reply = await certificateReply(world, world.harbour, seq);
    expect(reply.headers.get('retry-after')).toBe('60');
    expect((await expectProblem(reply, 409, 'conflict')).detail).toContain(recording);
    const written = (await eventsOf(world, tenant())).filter((one) => Number(one.seq) >= before);
    expect(written.filter(({ action }) => action === 'certificate.issued')).toEqual([]);
    await endErasures(world);
    expect(check(await certificateOf(world, world.harbour, seq)).findings).toEqual([]);
  });

  it.runIf(present)('look the same whether an erasure is missing or another tenant’s', async () => {
    const theirs = await world.deposited(world.yunhai, 'theirs', wavOf(2_000));
    const seq = await beginErasing(world, world.yunhai.tenant, theirs);
    const id = String((await eventsOf(world, world.yunhai.tenant)).find((one) => one.seq === seq)?.id);
    await endErasures(world);
    expect((await certificateReply(world, world.yunhai, id)).status).toBe(200);
    const answers = [id, newId('evt'), 'evt_', '99999999', '0', '-1', '1e3', '007', newId('rec')];
    for (const wanted of answers) {
      const reply = await certificateReply(world, world.harbour, wanted);
      expect((await expectProblem(reply, 404, 'not_found')).detail).toBe('there is no such erasure');
    }
  });

  it.runIf(present)('certify a whole batch of expiry, and nothing before its last recording is erased', async () => {
    const ids = [await deposit('e-1'), await deposit('e-2'), await deposit('e-3')].sort();
    const rules = await setRules(world, tenant(), eraseAfter('P1D'));
    await applyToAll(world);
    const expire = expirer(world.vault, never);
    world.forward(3 * DAY);
    expect(await expire(request())).toBeGreaterThanOrEqual(3);
    const began = (await eventsOf(world, tenant())).findLast(({ action }) => action === 'recording.erasing');
    expect(began?.object['recordings']).toBe(ids.join(','));
    const seq = Number(began?.seq);
    const early = await expectProblem(await certificateReply(world, world.harbour, seq), 409, 'conflict');
    expect(early.detail).toContain(`3 of 3 recordings are still being erased: ${ids.join(', ')};`);
    await endErasures(world);
    const note = await certificateOf(world, world.harbour, seq);
    const { certificate, findings } = check(note);
    expect(findings).toEqual([]);
    expect(certificate).toMatchObject({ reason: 'retention', cause: rules });
    expect(certificate?.erased.map(({ recording }) => recording)).toEqual(ids);
  });

  it.runIf(present)('can be of several erasures and of what stays, for one subject request', async () => {
    const ids = [await deposit('s-1'), await deposit('s-2')];
    const seqs: number[] = [];
    for (const id of ids) seqs.push(await beginErasing(world, tenant(), id));
    const events = await world.vault.db.read(
      async (rows) => (await Promise.all(seqs.map((seq) => rows.log.events(tenant(), seq, 1)))).flat(),
      request(),
    );
    const { id: principal } = world.harbour.privacy;
    const created = (await eventsOf(world, tenant())).find(
      ({ action, object }) => action === 'api_key.created' && object['principal'] === principal,
    );
    const by = {
      ...({ tenant: tenant(), principal, kind: 'person', auth: 'api-key', roles: ['privacy'], scopes: [] } as const),
      ...{ apiKey: String(created?.object['id']), humans: [principal] },
    };
    const [kept, held] = [await deposit('s-3'), await deposit('s-4')];
    const what = {
      events: [...events].reverse(),
      stays: [
        { recording: held, held: true },
        { recording: kept, held: false, until: '2031-01-01T12:00:00.000Z', rule: 'hgb-257' },
      ],
      cause: `sub_${kept.slice(4)}`,
    } as const;
    const issue = () => issueCertificate(world.vault, by, what, request());
    await expect(issue()).rejects.toMatchObject({ code: 'conflict' });
    await endErasures(world);
    const { certificate, findings } = check((await issue()).note);
    expect(findings).toEqual([]);
    expect(certificate).toMatchObject({ cause: what.cause, stays: [...what.stays].reverse() });
    expect(certificate?.events.map(({ seq }) => seq)).toEqual(seqs);
    expect(certificate?.erased.map(({ recording }) => recording)).toEqual(ids);
    // A certificate that the events contradict is not signed.
    const stays = [{ recording: ids[0] ?? '', held: true }] as const;
    const wrong = issueCertificate(world.vault, by, { ...what, stays }, request());
    await expect(wrong).rejects.toMatchObject({ code: 'integrity' });
  });

  it.runIf(present)('do not verify after a change, by another key, or for another tenant', async () => {
    const seq = await beginErasing(world, tenant(), await deposit('tampered'));
    const theirs = await beginErasing(
      world,
      world.yunhai.tenant,
      await world.deposited(world.yunhai, 'foreign', wavOf(2_000)),
    );
    await endErasures(world);
    const [note, foreign] = [
      await certificateOf(world, world.harbour, seq),
      await certificateOf(world, world.yunhai, theirs),
    ];
    const codes = (text: string) => check(text).findings.map(({ code }) => code);
    expect(codes(note)).toEqual([]);
    expect(codes(note.replace('issued 2', 'issued 3'))).toEqual(['signature']);
    expect(codes(foreign)).toEqual(['signature']);
    // Theirs, under our log's name and signature line.
    const end = note.lastIndexOf('\n\n');
    const own = foreign.slice(0, foreign.lastIndexOf('\n\n')).replaceAll(world.yunhai.tenant, tenant());
    expect(codes(`${own}${note.slice(end)}`)).toEqual(['signature']);
    // Signed by the right key, with a recording of another certificate in place of the right one.
    const line = /^erased .*$/m;
    const moved = note.slice(0, end + 1).replace(line, line.exec(foreign)?.[0] ?? '');
    const signed = world.vault.signer?.sign(`vault.example/${tenant()}`, moved) ?? '';
    expect(codes(signed)).toEqual(['no_erasure', 'unlisted']);
  });

  it.runIf(present)('leave a log that its check has nothing against', async () => {
    const events = await world.vault.db.read((rows) => rows.log.events(tenant(), 0, 10_000), request());
    const findings = checkLog(`${world.vault.settings.origin}/${tenant()}`, events, leafHash);
    // The rules of this test come without a change.
    expect(findings.filter(({ code }) => code !== 'change_missing')).toEqual([]);
  });
});

describe('a deployment that signs nothing, or does not say how long it keeps backups', () => {
  const unsigned = sharedWorld({});
  const silent = sharedWorld({ signed: true });

  it('issues no certificate without a private key, whether or not there is the erasure', async () => {
    const seq = await beginErasing(
      unsigned,
      unsigned.harbour.tenant,
      await unsigned.deposited(unsigned.harbour, 'a', wavOf(2_000)),
    );
    await endErasures(unsigned);
    const reply = await certificateReply(unsigned, unsigned.harbour, seq);
    await expectProblem(reply, 503, 'not_available');
  });

  it('says that the end of backups is unknown', async () => {
    const { tenant } = silent.harbour;
    const seq = await beginErasing(silent, tenant, await silent.deposited(silent.harbour, 'a', wavOf(2_000)));
    await endErasures(silent);
    const note = await certificateOf(silent, silent.harbour, seq);
    expect(note).toContain('\nbackups unknown\n');
    expect(readCertificate(note.slice(0, note.lastIndexOf('\n\n') + 1)).certificate?.backups).toBeNull();
  });
});
