// Signed notes: only the text that a key signed is accepted.
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openNote, signNote, verifierKey } from '../../src/bytes/signed-note.ts';

const NAME = 'vault.example';
const [ours, theirs] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const verifier = verifierKey(NAME, ours.publicKey);
const TEXT = 'a title\n\n{"complete":false}\n';
const note = signNote(TEXT, NAME, ours.privateKey);
const other = signNote(TEXT, 'other.example', theirs.privateKey).slice(TEXT.length + 1);

describe('a signed note', () => {
  it('verifies with the key that signed it, next to other signatures', () => {
    expect(openNote(note, verifier)).toBe(TEXT);
    expect(openNote(`${note}${other}`, verifier)).toBe(TEXT);
    expect(openNote(note.replace('\n\n— ', `\n\n${other}— `), verifier)).toBe(TEXT);
  });

  it.each([
    ['another text', note.replace('false', 'true'), 'integrity'],
    ['a text before it', `more\n\n${note}`, 'integrity'],
    ['a text after its signatures', `${note}complete: yes\n`, 'malformed'],
    ['an empty line after its signatures', `${note}\n`, 'malformed'],
    ['a text without signature', TEXT, 'malformed'],
    ['no line feed at its end', note.slice(0, -1), 'malformed'],
    ['the signature of another key', signNote(TEXT, NAME, theirs.privateKey), 'integrity'],
    ['the signature under another name', signNote(TEXT, 'other.example', ours.privateKey), 'integrity'],
    ['other line ends', note.replaceAll('\n', '\r\n'), 'malformed'],
  ])('with %s does not verify', (_what, changed, code) => {
    expect(() => openNote(changed, verifier)).toThrow(expect.objectContaining({ code }));
  });

  it.each(['', 'a+b+c', `${verifier} `, verifier.slice(0, -4), verifier.replace(/\+[0-9a-f]{8}\+/, '+00000000+')])(
    'does not verify with %j as verifier key',
    (key) => {
      expect(() => openNote(note, key)).toThrow(expect.objectContaining({ code: 'malformed' }));
    },
  );
});
