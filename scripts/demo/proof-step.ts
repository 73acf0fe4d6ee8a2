// Step of the story: a client proves with the signer's public key alone that the sealed log has the event of a reply it kept.
import { readCheckpoint } from '../../src/model/log/checkpoint.ts';
import { openNote, readVerifierKey } from '../../src/model/log/note.ts';
import { readTlogProof } from '../../src/model/log/tlog-proof.ts';
import { isIncluded } from '../../src/model/log/tree/verify-proof.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { type DemoWorld, expectReply, expectThat, type LogReceipt, type Reply, required, send } from './world.ts';

const PATIENCE_MS = 120_000;

/** Proves the newest receipt of Harbour Bank's reviewer, which holds a `Vault-Audit` line and the key, and nothing else. */
export async function proveReceipt(world: DemoWorld): Promise<string> {
  const harbour = required(world.tenants, 'harbour');
  const name = `${world.origin}/${harbour.id}`;
  const receipt = world.receipts.findLast(({ log }) => log === name);
  expectThat(receipt !== undefined, 'no reply had a receipt');
  const reply = await sealedProof(world, harbour.keys.reviewer, receipt);
  const proof = readTlogProof(reply.bytes.toString());
  const key = readVerifierKey(await world.verifierKey(name), noteCrypto.sha256);
  expectThat(proof !== null && key !== null, 'the reply is no proof, or the signer has no key');
  const text = openNote(proof.note, [key], noteCrypto);
  const checkpoint = text === null ? null : readCheckpoint(text);
  expectThat(checkpoint?.log === name, 'the key did not sign a checkpoint of this log');
  const leaf = { index: receipt.seq, hash: Buffer.from(receipt.hash, 'base64') };
  const isProven = proof.index === receipt.seq && isIncluded(leaf, checkpoint, proof.path, noteCrypto.sha256);
  expectThat(isProven, 'the proof does not lead to the signed root');
  return `event ${receipt.seq} is in the signed checkpoint of ${checkpoint.size} events, by ${proof.path.length} hashes`;
}

/** The proof, once a checkpoint covers the event. */
async function sealedProof(world: DemoWorld, key: string, { seq, hash }: LogReceipt): Promise<Reply> {
  const query = new URLSearchParams({ index: String(seq), hash });
  for (const end = Date.now() + PATIENCE_MS; ; ) {
    const reply = await send(world, key, 'GET', `/v1/audit/proof?${query}`);
    if (reply.status === 409 && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    expectReply(reply, 'a client asks for a proof', 200);
    return reply;
  }
}
