// HPKE of the bare minimum, beside that of the product.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encapsulate, ingestPublicKey } from '../../../../src/envelope/hpke.ts';
import { SecretKey } from '../../../../src/envelope/secret-key.ts';
import { decapsulate, pairOf } from './hpke.ts';

describe('the key encapsulation of the bare minimum', () => {
  it('exports what the sender exports', async () => {
    const seed = randomBytes(32);
    const publicKey = await ingestPublicKey(new SecretKey(Buffer.from(seed)));
    const [about, use] = [Buffer.from('a file'), Buffer.from('a use')];
    const { kem, exporter } = await encapsulate(publicKey, about);
    const exported = (await exporter(use, 32)).use((bytes) => bytes.toString('hex'));
    expect(decapsulate(pairOf(seed, publicKey), kem, about)(use).toString('hex')).toBe(exported);
  });
});
