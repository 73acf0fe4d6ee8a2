// Minimal X.509 certificates in DER, with any signer and any extensions.
import { createSign, type KeyObject } from 'node:crypto';

/** A DER value: tag, length, parts. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const long = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...long), body]);
}

/** A sequence of values. */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return der(0x30, ...parts);
}

/** An extension by the bytes of its object identifier. */
export function extension(id: string, value: Uint8Array): Buffer {
  return sequence(der(0x06, Buffer.from(id, 'hex')), der(0x04, value));
}

/** The extension with the address of a certificate revocation list (RFC 5280 §4.2.1.13). */
export function revokedAt(url: string): Buffer {
  const name = der(0xa0, der(0xa0, der(0x86, Buffer.from(url))));
  return extension('551d1f', sequence(sequence(name)));
}

const ECDSA_SHA256 = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
const distinguishedName = (text: string): Buffer =>
  sequence(der(0x31, sequence(der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from(text)))));
const time = (days: number): Buffer => {
  const [date = ''] = new Date(Date.now() + days * 86_400_000).toISOString().replaceAll(/[-:T]/g, '').split('.');
  return der(0x17, Buffer.from(`${date.slice(2)}Z`));
};

/** A certificate of a P-256 key, valid for a day, signed by the key of its issuer. */
export function certificate(
  issuer: { readonly name: string; readonly key: KeyObject },
  subject: { readonly name: string; readonly key: KeyObject },
  extensions: readonly Buffer[],
): Buffer {
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ECDSA_SHA256,
    distinguishedName(issuer.name),
    sequence(time(-1), time(1)),
    distinguishedName(subject.name),
    subject.key.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = createSign('sha256').update(toBeSigned).sign(issuer.key);
  return sequence(toBeSigned, ECDSA_SHA256, der(0x03, Buffer.of(0), signature));
}
