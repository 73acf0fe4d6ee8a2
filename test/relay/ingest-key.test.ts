// Which ingest keys the relay accepts.
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/bytes/digest.ts';
import { newId } from '../../src/bytes/ids.ts';
import { ingestKeyText } from '../../src/model/log/ingest-key-note.ts';
import { namedKey, verifierKey, writeNote } from '../../src/model/log/note.ts';
import {
  acceptCandidate,
  decideKey,
  type KeptKeys,
  keptJson,
  type OfferedKey,
  readOfferedKey,
  trustedKept,
} from '../../src/relay/ingest-key.ts';

const TENANT = newId('ten');
const LOG = `vault.example/${TENANT}`;
const NONE: KeptKeys = { current: null, candidate: null };
const FIRST = { tenant: TENANT, verifierKey: null, publicKey: null };

/** A signer of notes, and its verifier key for a log. */
function signer() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return {
    verifierKey: (log = LOG) => verifierKey(namedKey(log, raw, sha256)),
    note: (key: OfferedKey, log = LOG): OfferedKey => {
      const text = ingestKeyText(log, {
        id: key.id,
        public: Buffer.from(key.publicKey, 'base64'),
        created: key.created,
      });
      const { name, id } = namedKey(log, raw, sha256);
      const signature = sign(null, Buffer.from(text), privateKey);
      return { ...key, note: writeNote({ text, signatures: [{ name, id, signature }] }) };
    },
  };
}

function key(day: number): OfferedKey {
  const publicKey = Buffer.alloc(32, day).toString('base64');
  return { id: newId('ink'), publicKey, created: `2026-11-${String(day).padStart(2, '0')}T00:00:00.000Z`, note: null };
}

describe('with a pinned signer', () => {
  const ours = signer();
  const pinned = { tenant: TENANT, verifierKey: ours.verifierKey(), publicKey: null };
  const [first, second] = [ours.note(key(1)), ours.note(key(2))];
  const kept = { current: first, candidate: null };

  it('accepts the keys that it signed, and each newer one', () => {
    expect(decideKey(NONE, first, pinned)).toEqual({ kept, problem: null });
    expect(decideKey(kept, second, pinned)).toEqual({ kept: { current: second, candidate: null }, problem: null });
    expect(decideKey(kept, first, pinned)).toEqual({ kept, problem: null });
  });

  const stranger = signer();
  const other = key(9);
  const swapped = Buffer.alloc(32, 77).toString('base64');
  it.each<[string, OfferedKey]>([
    ["a stranger's note", stranger.note(other)],
    ['no note', { ...other, note: null }],
    ['the note of another key', { ...other, note: second.note }],
    ['another public key beside a true note', { ...second, publicKey: swapped }],
    ['another time beside a true note', { ...second, created: '2026-12-01T00:00:00.000Z' }],
    ['the note of another tenant', ours.note(other, `vault.example/${newId('ten')}`)],
    ['an older key', ours.note({ ...key(1), created: '2026-10-01T00:00:00.000Z' })],
    ['a second key of the same time', ours.note({ ...other, created: first.created })],
  ])('keeps its key when the vault sends %s', (_name, offered) => {
    expect(decideKey(kept, offered, pinned)).toEqual({ kept, problem: 'key_untrusted' });
  });

  it('seals to no stranger, also as the first key', () => {
    for (const offered of [stranger.note(other), { ...other, note: null }, { ...second, publicKey: swapped }])
      expect(decideKey(NONE, offered, pinned)).toEqual({ kept: NONE, problem: 'key_untrusted' });
  });

  it('does not trust its own file more than the vault', () => {
    expect(trustedKept(kept, pinned)).toEqual(kept);
    expect(trustedKept({ current: stranger.note(other), candidate: null }, pinned)).toEqual(NONE);
  });
});

describe('with a pinned public key', () => {
  const mine = key(3);
  const pinned = { ...FIRST, publicKey: mine.publicKey };

  it('accepts this key only', () => {
    expect(decideKey(NONE, mine, pinned).kept.current).toEqual(mine);
    expect(decideKey(NONE, key(4), pinned)).toEqual({ kept: NONE, problem: 'key_changed' });
    expect(trustedKept({ current: key(4), candidate: null }, pinned)).toEqual(NONE);
  });

  it('lets no server give the key another id, whose files no vault opens', () => {
    const kept = { current: mine, candidate: null };
    const renamed = { ...mine, id: newId('ink'), created: '2099-01-01T00:00:00.000Z' };
    const offered = decideKey(kept, renamed, pinned);
    expect(offered).toEqual({ kept: { current: mine, candidate: renamed }, problem: 'key_changed' });
    expect(decideKey(offered.kept, mine, pinned)).toEqual({ kept, problem: null });
    // Where a false server was first, a person accepts the true id, whatever time the other one had.
    const after = decideKey({ current: renamed, candidate: null }, mine, pinned).kept;
    expect(acceptCandidate(after, mine.id)).toEqual(kept);
  });
});

describe('without a signer', () => {
  const [first, second] = [key(1), key(2)];
  const kept = { current: first, candidate: null };

  it('pins the first key, and seals to it until a person accepts another one', () => {
    expect(decideKey(NONE, first, FIRST)).toEqual({ kept, problem: null });
    const changed = decideKey(kept, second, FIRST);
    expect(changed).toEqual({ kept: { current: first, candidate: second }, problem: 'key_changed' });
    expect(acceptCandidate(changed.kept, first.id)).toBeNull();
    expect(acceptCandidate(changed.kept, second.id)).toEqual({ current: second, candidate: null });
    expect(decideKey(changed.kept, first, FIRST)).toEqual({ kept, problem: null });
  });

  it('takes the same id with another public key for another key', () => {
    const swapped = { ...first, publicKey: second.publicKey };
    expect(decideKey(kept, swapped, FIRST)).toMatchObject({ kept: { current: first }, problem: 'key_changed' });
  });
});

describe('a key as JSON', () => {
  it('is read as it was written', () => {
    const one = signer().note(key(5));
    expect(readOfferedKey(JSON.parse(JSON.stringify(keptJson(one))))).toEqual(one);
  });

  it.each([null, 'text', {}, { ...keptJson(key(1)), id: 'key_x' }, { ...keptJson(key(1)), public: 'AAAA' }])(
    'is none in %j',
    (value) => expect(readOfferedKey(value)).toBeNull(),
  );
});
