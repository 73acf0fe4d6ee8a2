// Signed notes, checkpoints, proofs of one event, tiles and segments, against the vectors of an independent program.
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/bytes/digest.ts';
import { checkpointText, readCheckpoint } from '../../../src/model/log/checkpoint.ts';
import { readEntries, writeEntries } from '../../../src/model/log/entries.ts';
import { namedKey, openNote, readNote, readVerifierKey, verifierKey, writeNote } from '../../../src/model/log/note.ts';
import { readSegment, segmentName, segmentSize, writeSegment } from '../../../src/model/log/segment.ts';
import { readTlogProof, writeTlogProof } from '../../../src/model/log/tlog-proof.ts';
import { createEdge } from '../../../src/model/log/tree/edge.ts';
import { hashInTile, readTilePath, tileOf, tilePath, tilesOf, tileWidth } from '../../../src/model/log/tree/tiles.ts';
import { isIncluded } from '../../../src/model/log/tree/verify-proof.ts';
import { noteCrypto } from '../../../src/vault/core/proofs/note-crypto.ts';
import { raw, tlog, tlogLeaf } from '../../support/tlog-vectors.ts';

const hash = noteCrypto.sha256;

function keyOf(seed: string): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(seed, 'hex')]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

const verifier = (text: string) => readVerifierKey(text, hash) ?? expect.fail('not a verifier key');
const [ours, next] = [verifier(tlog.signer.verifier), verifier(tlog.next_signer.verifier)];
const signed = (text: string, by: KeyObject, as = ours) => ({
  ...as,
  signature: new Uint8Array(sign(null, Buffer.from(text), by)),
});
const note = tlog.checkpoints['1000'] ?? '';
const text = note.slice(0, note.lastIndexOf('\n\n') + 1);

describe('a signed note', () => {
  it('is the one of the vectors, by one key and by two', () => {
    const [first, second] = [keyOf(tlog.signer.seed), keyOf(tlog.next_signer.seed)];
    expect(writeNote({ text, signatures: [signed(text, first)] })).toBe(note);
    const both = writeNote({ text, signatures: [signed(text, first), signed(text, second, next)] });
    expect(both).toBe(tlog.checkpoint_of_two_signers);
    expect([ours, next].map(verifierKey)).toEqual([tlog.signer.verifier, tlog.next_signer.verifier]);
    for (const keys of [[ours], [next], [ours, next]]) expect(openNote(both, keys, noteCrypto)).toBe(text);
    expect(openNote(note, [next], noteCrypto)).toBeNull();
  });

  const stranger = generateKeyPairSync('ed25519').privateKey;
  const other = namedKey('other.example', new Uint8Array(32), hash);
  const others = writeNote({ text, signatures: [signed(text, stranger, other)] }).slice(text.length + 1);

  it('verifies beside signatures by others, at most 64 of all', () => {
    expect(openNote(`${note}${others}`, [ours], noteCrypto)).toBe(text);
    expect(openNote(`${note}${others.repeat(63)}`, [ours], noteCrypto)).toBe(text);
    expect(openNote(`${note}${others.repeat(64)}`, [ours], noteCrypto)).toBeNull();
  });

  it('may have empty lines in its text', () => {
    const lines = 'a title\n\n{"complete":false}\n';
    const made = writeNote({ text: lines, signatures: [signed(lines, keyOf(tlog.signer.seed))] });
    expect(openNote(made, [ours], noteCrypto)).toBe(lines);
    expect(() => writeNote({ text: 'no end', signatures: [] })).toThrow(RangeError);
  });

  it.each([
    ['another text', note.replace('1000', '1001')],
    ['a text before it', `more\n\n${note}`],
    ['a text after its signatures', `${note}complete: yes\n`],
    ['an empty line after its signatures', `${note}\n`],
    ['a text without signature', text],
    ['no line feed at its end', note.slice(0, -1)],
    ['other line ends', note.replaceAll('\n', '\r\n')],
    ['a control character', note.replace('\n\n', '\n\u0000\n\n')],
    ['a signature of another key under the id of ours', writeNote({ text, signatures: [signed(text, stranger)] })],
    [
      'a right signature and a wrong one by the same key',
      `${note}${writeNote({ text, signatures: [signed('x', stranger)] }).slice(text.length + 1)}`,
    ],
    ['the signature under another name', note.replace(`— ${ours.name}`, '— other.example')],
    ['a signature without padding', note.replace(/=+\n$/, '\n')],
    ['nothing', ''],
  ])('with %s does not verify', (_what, changed) => {
    expect(changed).not.toBe(note);
    expect(openNote(changed, [ours], noteCrypto)).toBeNull();
  });

  it('is read, not verified, without a key', () => {
    expect(readNote(note)?.signatures.map(({ name }) => name)).toEqual([ours.name]);
  });

  const key = tlog.signer.verifier;
  it.each([
    '',
    'a+b+c',
    `${key} `,
    key.slice(0, -4),
    key.replace(/\+[0-9a-f]{8}\+/, '+00000000+'),
    key.replace('+AQ', '+Ag'),
  ])('has no key in %j', (given) => {
    expect(readVerifierKey(given, hash)).toBeNull();
  });
});

describe('a checkpoint', () => {
  it('is the text of the vectors', () => {
    for (const [size, signedNote] of Object.entries(tlog.checkpoints)) {
      const root = raw(tlog.roots[size] ?? '');
      const lines = checkpointText({ log: tlog.log, size: Number(size), root });
      expect(openNote(signedNote, [ours], noteCrypto)).toBe(lines);
      expect(readCheckpoint(lines)).toEqual({ log: tlog.log, size: Number(size), root });
    }
  });

  it.each([
    ['no name', `\n1\n${tlog.roots['1']}\n`],
    ['a size with a zero before it', `a\n01\n${tlog.roots['1']}\n`],
    ['a negative size', `a\n-1\n${tlog.roots['1']}\n`],
    ['a size of 16 digits', `a\n1000000000000000\n${tlog.roots['1']}\n`],
    ['a root of 31 bytes', `a\n1\n${Buffer.alloc(31).toString('base64')}\n`],
    ['a line more', `a\n1\n${tlog.roots['1']}\nmore\n`],
    ['no last line feed', `a\n1\n${tlog.roots['1']}`],
  ])('does not have %s', (_what, lines) => {
    expect(readCheckpoint(lines)).toBeNull();
  });
});

describe('the proof of one event', () => {
  it.each([
    ['without its leaf', tlog.tlog_proof, 17, 33],
    ['with its leaf', tlog.tlog_proof_with_leaf, 999, 1000],
  ])('%s is read, verified and written again', (_what, given, index, size) => {
    const proof = readTlogProof(given) ?? expect.fail('not a proof');
    expect(proof.index).toBe(index);
    expect(writeTlogProof(proof)).toBe(given);
    const checkpoint = readCheckpoint(openNote(proof.note, [ours], noteCrypto) ?? '');
    expect(checkpoint?.size).toBe(size);
    if (proof.extra !== undefined) expect(Buffer.from(proof.extra)).toEqual(tlogLeaf(index));
    const leaf = { index, hash: raw(tlog.leaf_hashes[index] ?? '') };
    expect(isIncluded(leaf, checkpoint ?? expect.fail(), proof.path, hash)).toBe(true);
  });

  const proof = tlog.tlog_proof;
  it.each([
    ['another first line', proof.replace('@v1', '@v2')],
    ['no index', proof.replace('index 17\n', '')],
    ['an index with a zero before it', proof.replace('index 17', 'index 017')],
    ['a hash that is cut', proof.replace(/(index 17\n.{40})..../, '$1')],
    ['extra data that is not base64', tlog.tlog_proof_with_leaf.replace(/extra ./, 'extra *')],
    ['no checkpoint', proof.slice(0, proof.indexOf('\n\n') + 1)],
  ])('is not read with %s', (_what, given) => {
    expect(readTlogProof(given)).toBeNull();
  });
});

describe('tiles', () => {
  it('have the paths of the vectors, and no others are read', () => {
    for (const [index, path] of Object.entries(tlog.tile_paths)) {
      expect(tilePath(0, Number(index), 256)).toBe(path);
      expect(readTilePath(path)).toEqual({ level: 0, index: Number(index), width: 256 });
    }
    for (const { path } of tlog.tiles) {
      const read = readTilePath(path) ?? expect.fail(path);
      expect(tilePath(read.level, read.index, read.width)).toBe(path);
    }
    for (const path of [
      'tile/00/000',
      'tile/0/0',
      'tile/0/x000/001',
      'tile/0/000.p/256',
      'tile/0/000.p/0',
      'tile/0/1000',
      'tile/0/../000',
      'tile/0/000.p/01',
      'tile/data/000',
    ])
      expect(readTilePath(path), path).toBeNull();
  });

  /** The tiles of the vectors' tree, from its leaves. */
  const tiles = new Map<string, Uint8Array>();
  for (const { level, index, width } of tilesOf(1000)) {
    const span = 256 ** level;
    const parts = Array.from({ length: width }, (_, n) => {
      const edge = createEdge(hash);
      const from = (index * 256 + n) * span;
      for (const each of tlog.leaf_hashes.slice(from, from + span)) edge.add(raw(each));
      return edge.root();
    });
    tiles.set(tilePath(level, index, width), Buffer.concat(parts));
  }

  it('are those of the vectors, and entry bundles too', () => {
    expect([...tiles.keys()]).toHaveLength(5);
    for (const { path, sha256: digest } of tlog.tiles) {
      const { level, index, width } = readTilePath(path) ?? expect.fail(path);
      const leaves = Array.from({ length: width }, (_, n) => tlogLeaf(index * 256 + n));
      const bytes = level === 'entries' ? writeEntries(leaves) : tiles.get(path);
      expect(sha256(bytes ?? '').toString('hex'), path).toBe(digest);
      if (level === 'entries') expect(readEntries(bytes ?? new Uint8Array())).toHaveLength(width);
    }
  });

  it('have the hash of every perfect subtree', () => {
    for (const node of [
      { height: 0, index: 999 },
      { height: 3, index: 100 },
      { height: 7, index: 6 },
      { height: 8, index: 2 },
      { height: 9, index: 0 },
    ]) {
      const { tile } = tileOf(node);
      const bytes = tiles.get(tilePath(tile.level, tile.index, tileWidth(tile, 1000))) ?? expect.fail('no such tile');
      const edge = createEdge(hash);
      const span = 2 ** node.height;
      for (const each of tlog.leaf_hashes.slice(node.index * span, (node.index + 1) * span)) edge.add(raw(each));
      expect(Buffer.from(hashInTile(node, bytes, hash))).toEqual(Buffer.from(edge.root()));
      expect(() => hashInTile(node, bytes.subarray(0, 31), hash)).toThrow(RangeError);
    }
    expect(tileWidth({ level: 0, index: 4 }, 1000)).toBe(0);
  });
});

describe('a segment', () => {
  const { path, size, bytes, sha256: digest } = tlog.segment;
  const leaves = Array.from({ length: size }, (_, seq) => tlogLeaf(seq));
  const written = writeSegment({ note: tlog.checkpoints['33'] ?? '', leaves });

  it('is the one of the vectors, with its name', () => {
    expect(path).toBe(`t/${tlog.log.split('/')[1]}/l/${segmentName(size)}`);
    expect(segmentSize(segmentName(size))).toBe(size);
    expect([written.length, sha256(written).toString('hex')]).toEqual([bytes, digest]);
    const read = readSegment(written) ?? expect.fail('not a segment');
    expect(read.note).toBe(tlog.checkpoints['33']);
    expect(read.leaves.map((leaf) => Buffer.from(leaf))).toEqual(leaves);
  });

  it.each([
    ['cut', written.slice(0, -1)],
    ['without its zero byte', Buffer.from(tlog.checkpoints['33'] ?? '')],
    ['with half a length at its end', Buffer.concat([written, Buffer.of(0)])],
    ['with a note that is not UTF-8', Buffer.concat([Buffer.of(0xff), written])],
    ['of 4,097 events', writeSegment({ note: 'a', leaves: Array.from({ length: 4097 }, () => new Uint8Array(1)) })],
  ])('is not read %s', (_what, given) => {
    expect(readSegment(given)).toBeNull();
  });

  it.each(['', '1', '00000000000000x', '0000000000000000'])('has no size in %j', (name) => {
    expect(segmentSize(name)).toBeNull();
  });
});
