// Certificates of erasures whose times a wrong clock wrote: they name the event that put the clock right.
import { describe, expect, it } from 'vitest';
import { newId } from '../../../../src/bytes/ids.ts';
import { type Certificate, writeCertificate } from '../../../../src/model/log/certificate/certificate.ts';
import { checkCertificate } from '../../../../src/model/log/certificate/check-certificate.ts';
import { noteCrypto } from '../../../../src/vault/core/proofs/note-crypto.ts';
import {
  correctionEvent,
  erasingEvent,
  noteOf,
  signingUnder,
  someCertificate,
} from '../../../support/erasure-certificates.ts';

const { ids, ...good } = someCertificate();
const ours = signingUnder();
const check = (certificate: Certificate) => checkCertificate(noteOf(certificate, ours), [ours.key], noteCrypto);
const codes = (certificate: Certificate) => check(certificate).findings.map(({ code, line }) => [code, line]);

describe('the check of times that a wrong clock wrote', () => {
  // Erased at a clock of 2032, which was put right in 2026.
  const wrong = '2032-03-01T10:00:00.000Z';
  const to = '2026-03-01T09:00:00.000Z';
  const ended = { destroyed: wrong, gone: '2026-03-01T09:03:00.000Z' };
  const left = {
    ...good,
    events: [erasingEvent(7, ids, { cause: good.cause ?? '', ts: wrong })],
    erased: good.erased.map((one) => ({ ...one, ...ended })),
    issued: '2026-03-01T10:00:00.000Z',
    backups: '2026-03-01',
  };
  const out = [
    ['time', 5],
    ['time', 6],
  ];

  it('finds nothing beside the correction, and says to look that up too', () => {
    const correction = correctionEvent(9, to);
    const checked = check({ ...left, corrections: [correction] });
    expect(checked.findings).toEqual([]);
    expect(checked.events.map(({ seq, ts }) => [seq, ts])).toEqual([
      [7, wrong],
      [9, to],
    ]);
    expect(writeCertificate({ ...left, corrections: [correction] }).split('\n')[4]).toBe(
      `corrected 9 ${Buffer.from(correction.leaf).toString('base64')}`,
    );
    const before = { ...left, erased: left.erased.map((one) => ({ ...one, gone: wrong })) };
    expect(codes({ ...before, corrections: [correction] })).toEqual([]);
  });

  it('finds them without the correction, or with one that was before the erasure', () => {
    expect(codes(left)).toEqual(out);
    const earlier = [correctionEvent(5, to)];
    expect(codes({ ...left, corrections: earlier })).toEqual(out.map(([code, line]) => [code, Number(line) + 1]));
  });

  it('finds what was before the clock was put right', () => {
    const corrections = [correctionEvent(9, to)];
    const [early, later] = ['2026-03-01T08:59:59.999Z', out.map(([code, line]) => [code, Number(line) + 1])];
    const gone = left.erased.map((one) => ({ ...one, gone: early }));
    expect(codes({ ...left, corrections, erased: gone })).toEqual(later);
    expect(codes({ ...left, corrections, issued: early })).toEqual(later);
    expect(codes({ ...left, corrections, backups: '2026-02-28' })).toEqual([['time', 9]]);
  });

  it('finds a correction of another log, index or action', () => {
    const leaf = ['leaf', 5];
    const later = out.map(([code, line]) => [code, Number(line) + 1]);
    const { leaf: bytes } = correctionEvent(9, to);
    expect(codes({ ...left, corrections: [correctionEvent(9, to, newId('ten'))] })).toEqual([leaf, ...later]);
    expect(codes({ ...left, corrections: [{ seq: 10, leaf: bytes }] })).toEqual([leaf, ...later]);
    const other = erasingEvent(9, ids, { cause: good.cause ?? '', ts: to });
    expect(codes({ ...left, corrections: [other] })).toEqual([leaf, ...later]);
  });
});
