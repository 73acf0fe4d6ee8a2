// Certificates of erasure: their text back and forth, every line's faults, and what a check finds in one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '../../../../src/bytes/ids.ts';
import {
  type Certificate,
  readCertificate,
  writeCertificate,
} from '../../../../src/model/log/certificate/certificate.ts';
import { checkCertificate, logOfCertificate } from '../../../../src/model/log/certificate/check-certificate.ts';
import { event, operatorActor } from '../../../../src/vault/core/events/events.ts';
import { noteCrypto } from '../../../../src/vault/core/proofs/note-crypto.ts';
import {
  anyCertificate,
  erasingEvent,
  LOG_OF_TENANT,
  leafOf,
  noteOf,
  signingUnder,
  someCertificate,
  TENANT,
} from '../../../support/erasure-certificates.ts';

const { ids, ...good } = someCertificate();
const [first = '', second = ''] = ids;
const stays = [
  { recording: newId('rec'), held: true },
  { recording: newId('rec'), held: false, until: '2030-01-01T12:00:00.000Z', rule: 'hgb-257' },
] as const;

describe('the text of a certificate', () => {
  it('has a line for each part', () => {
    const whole = { ...good, stays };
    expect(writeCertificate(whole).split('\n')).toEqual([
      'callvault/erasure@v1',
      LOG_OF_TENANT,
      `reason retention ${good.cause}`,
      `event 7 ${Buffer.from(good.events[0]?.leaf ?? []).toString('base64')}`,
      `erased ${first} 2025-12-01T09:00:00.000Z 2026-03-01T10:00:00.000Z 2026-03-01T10:03:10.500Z`,
      `erased ${second} 2025-12-01T09:00:00.000Z 2026-03-01T10:00:00.000Z 2026-03-01T10:03:10.500Z`,
      `held ${stays[0].recording}`,
      `kept ${stays[1].recording} 2030-01-01T12:00:00.000Z hgb-257`,
      'database overwritten',
      'backups 2026-04-05',
      'issued 2026-03-01T11:00:00.000Z',
      '',
    ]);
    const bare = writeCertificate({ ...good, cause: null, backups: null });
    expect(bare).toContain('\nreason retention\n');
    expect(bare).toContain('\nbackups unknown\n');
  });

  it('reads back as it was written', () => {
    fc.assert(
      fc.property(anyCertificate, (certificate) => {
        const text = writeCertificate(certificate);
        expect(readCertificate(text)).toEqual({ certificate, fault: null });
        expect(writeCertificate(readCertificate(text).certificate ?? good)).toBe(text);
      }),
    );
  });

  it('has no second spelling: whatever reads writes back the same', () => {
    const text = writeCertificate({ ...good, stays });
    const edits = fc.record({
      at: fc.nat(text.length - 1),
      to: fc.constantFrom('', ' ', '\n', '0', '=', 'z', 'Z', '.'),
    });
    fc.assert(
      fc.property(edits, ({ at, to }) => {
        const edited = `${text.slice(0, at)}${to}${text.slice(at + 1)}`;
        const { certificate } = readCertificate(edited);
        if (certificate !== null) expect(writeCertificate(certificate)).toBe(edited);
      }),
      { numRuns: 2_000 },
    );
  });

  const lines = writeCertificate({ ...good, stays }).split('\n');
  const edited = (line: number, to: string | null) => lines.flatMap((was, n) => (n === line - 1 ? (to ?? []) : was));
  const other = newId('rec');
  it.each([
    ['another format', 1, 'callvault/erasure@v2', 'format', 1],
    ['another sort of log', 2, 'vault.example/deployment', 'log', 2],
    ['an unknown reason', 3, 'reason whim', 'reason', 3],
    ['a cause of another kind', 3, `reason retention ${other}`, 'reason', 3],
    ['no event', 4, null, 'event', 4],
    ['a correction before its events', 4, `corrected 9 AA==\n${lines[3]}`, 'event', 4],
    ['a correction whose base64 is not canonical', 4, `${lines[3]}\ncorrected 9 QR==`, 'corrected', 5],
    ['an index with a zero before', 4, lines[3]?.replace('event 7', 'event 07'), 'event', 4],
    ['base64 that is not canonical', 4, 'event 7 QQ', 'event', 4],
    ['a time without milliseconds', 5, lines[4]?.replace('10.500Z', '10Z'), 'erased', 5],
    ['a day that does not exist', 5, lines[4]?.replace('2026-03-01T10:03', '2026-02-30T10:03'), 'erased', 5],
    ['an id twice', 6, lines[4], 'order', 6],
    ['an id out of order', 5, lines[4]?.replace(first, other), 'order', 6],
    ['two spaces', 7, `held  ${other}`, 'database', 7],
    ['a stay without a rule', 8, `kept ${other} 2030-01-01T12:00:00.000Z`, 'database', 8],
    ['a stay without a time', 8, `kept ${other} 2030-01-01T25:00:00.000Z rule`, 'stays', 8],
    ['an unknown state of the database', 9, 'database gone', 'database', 9],
    ['a day of backups that does not exist', 10, 'backups 2026-04-31', 'backups', 10],
    ['no time of issue', 11, 'issued today', 'issued', 11],
    ['a line more', 12, 'more\n', 'end', 12],
    ['an empty line more', 12, '\n', 'end', 12],
  ])('names the line that has %s', (_, line, to, code, at) => {
    const read = readCertificate(edited(line, to ?? null).join('\n'));
    expect(read).toEqual({ certificate: null, fault: { code, line: at } });
  });

  it('ends with a line feed', () => {
    const text = writeCertificate(good);
    expect(readCertificate(text.slice(0, -1))).toMatchObject({ fault: { code: 'end' } });
    expect(readCertificate('')).toMatchObject({ fault: { code: 'format', line: 1 } });
  });
});

describe('the check of a certificate', () => {
  const ours = signingUnder();
  const check = (certificate: Certificate, keys = [ours.key]) =>
    checkCertificate(noteOf(certificate, ours), keys, noteCrypto);
  const codes = (certificate: Certificate) => check(certificate).findings.map(({ code, line }) => [code, line]);
  const at = (n: number, to: Partial<Certificate['erased'][number]>) =>
    good.erased.map((one, m) => (n === m ? { ...one, ...to } : one));

  it('finds nothing in a good one, and says which events to look up', () => {
    const { findings, certificate, events, log } = check(good);
    expect(findings).toEqual([]);
    expect(log).toBe(LOG_OF_TENANT);
    expect(certificate).toEqual(good);
    const leaf = good.events[0]?.leaf ?? new Uint8Array();
    const hash = noteCrypto.sha256(Buffer.concat([Buffer.of(0), leaf]));
    expect(events).toEqual([{ seq: 7, hash, ts: '2026-03-01T10:00:00.000Z' }]);
  });

  it('counts a key only under the name of the log in the certificate', () => {
    const signature = [{ code: 'signature', line: null }];
    expect(check(good, []).findings).toEqual(signature);
    expect(check(good, [signingUnder().key]).findings).toEqual(signature);
    const foreign = `vault.example/${newId('ten')}`;
    const theirs = signingUnder(foreign);
    expect(checkCertificate(noteOf(good, theirs), [theirs.key], noteCrypto).findings).toEqual(signature);
    expect(logOfCertificate(noteOf(good, theirs))).toBe(LOG_OF_TENANT);
    expect(logOfCertificate(ours.sign(`${LOG_OF_TENANT}\n7\nAAAA\n`))).toBeNull();
    expect(logOfCertificate('no note')).toBeNull();
  });

  it('finds any byte that was changed', () => {
    const note = noteOf(good, ours);
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.constantFrom('x', '0', ' ', '\n'), (n, to) => {
        fc.pre(note[n] !== to);
        const changed = `${note.slice(0, n)}${to}${note.slice(n + 1)}`;
        expect(checkCertificate(changed, [ours.key], noteCrypto).findings).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('reports a signed text that is no certificate, by its line', () => {
    const note = ours.sign(writeCertificate(good).replace('backups', 'copies'));
    expect(checkCertificate(note, [ours.key], noteCrypto)).toMatchObject({
      certificate: null,
      findings: [{ code: 'backups', line: 8 }],
    });
  });

  it('finds a recording of another certificate', () => {
    // Ids ascend by their time: the other certificate's come after these.
    const erased = [...good.erased, ...someCertificate().erased.slice(0, 1)];
    expect(codes({ ...good, erased })).toEqual([['unlisted', 7]]);
  });

  it('finds events that are of another place, action, reason or cause', () => {
    const events = (one: Certificate['events'][number] | undefined) => ({
      ...good,
      events: one === undefined ? [] : [one],
    });
    const cause = good.cause ?? '';
    const leaf = ['leaf', 4];
    const unlisted = [
      ['unlisted', 5],
      ['unlisted', 6],
    ];
    const foreign = erasingEvent(7, ids, { cause, tenant: newId('ten') });
    const ended = event(
      TENANT,
      operatorActor('op-1'),
      'recording.erased',
      {
        ...({ type: 'tenant', id: TENANT, recordings: ids.join(','), begun: 6, database: 'overwritten' } as const),
      },
      {},
    );
    expect(codes(events(foreign))).toEqual([leaf, ...unlisted]);
    expect(codes(events(leafOf(ended, 7, '2026-03-01T10:00:00.000Z')))).toEqual([leaf, ...unlisted]);
    expect(codes(events({ seq: 8, leaf: good.events[0]?.leaf ?? new Uint8Array() }))).toEqual([leaf, ...unlisted]);
    expect(codes(events({ seq: 7, leaf: Buffer.from('{}') }))).toEqual([leaf, ...unlisted]);
    const spaced = Buffer.from(
      Buffer.from(good.events[0]?.leaf ?? [])
        .toString()
        .replace('{', '{ '),
    );
    expect(codes(events({ seq: 7, leaf: spaced }))).toEqual([leaf, ...unlisted]);
    expect(codes(events(erasingEvent(7, ids, { cause, reason: 'request' })))).toEqual([['reason_differs', 4]]);
    expect(codes(events(erasingEvent(7, ids)))).toEqual([['reason_differs', 4]]);
    expect(codes({ ...good, cause: null })).toEqual([['reason_differs', 4]]);
    expect(codes({ ...good, cause: newId('chg') })).toEqual([['reason_differs', 4]]);
  });

  it('takes a subject request as the cause of any change', () => {
    expect(codes({ ...good, cause: `sub_${newId('rec').slice(4)}` })).toEqual([]);
  });

  it('finds an event that the certificate is not about', () => {
    const more = erasingEvent(9, [newId('rec')], { cause: good.cause ?? '' });
    expect(codes({ ...good, events: [...good.events, more] })).toEqual([['no_erasure', 5]]);
  });

  it('finds a recording that is erased and kept', () => {
    expect(codes({ ...good, stays: [{ recording: second, held: true }] })).toEqual([['stays_erased', 7]]);
    expect(codes({ ...good, stays })).toEqual([]);
  });

  it('finds times that are out of order', () => {
    expect(codes({ ...good, erased: at(1, { destroyed: '2026-03-01T09:59:59.999Z' }) })).toEqual([['time', 6]]);
    expect(codes({ ...good, erased: at(0, { gone: '2026-03-01T09:59:59.999Z' }) })).toEqual([['time', 5]]);
    expect(codes({ ...good, issued: '2026-03-01T10:03:10.499Z' })).toEqual([
      ['time', 5],
      ['time', 6],
    ]);
    expect(codes({ ...good, backups: '2026-02-28' })).toEqual([['time', 8]]);
    expect(codes({ ...good, backups: '2026-03-01', issued: '2026-03-01T10:03:10.500Z' })).toEqual([]);
  });
});
