// Erasures in a world with a signer, up to their end, and the certificates of them that its service issues.
import type { EraseReason } from '../../src/model/erasure.ts';
import { readVerifierKey, type VerifierKey } from '../../src/model/log/note.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { continueErasures } from '../../src/vault/erasure/continue-erasures.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { verifierOf } from './sealed-tenant.ts';
import type { Cast, World } from './world.ts';

const MINUTE = 60_000;
const request = () => ({ signal: AbortSignal.timeout(120_000) });

/** Begins the erasure of a recording; returns the index of the event. */
export async function beginErasing(
  { vault }: World,
  tenant: string,
  recording: string,
  reason: EraseReason = 'request',
): Promise<number> {
  const { receipt } = await eraseRecording(vault, operatorActor('op-1'), { tenant, recording, reason }, request());
  return receipt.seq;
}

/** Runs the passes of all erasures until they are ERASED. */
export async function endErasures(world: World): Promise<void> {
  for (const minutes of [0, 4, 4]) {
    world.forward(minutes * MINUTE);
    await continueErasures(world.vault, request());
  }
}

/** The reply to a request for a certificate, by the tenant's auditor. */
export function certificateReply(world: World, cast: Cast, event: number | string): Promise<Response> {
  return world.call('GET', `/v1/erasures/${event}/certificate`, { key: cast.auditor.key });
}

/** The certificate of an erasure. */
export async function certificateOf(world: World, cast: Cast, event: number | string): Promise<string> {
  const reply = await certificateReply(world, cast, event);
  const text = await reply.text();
  if (reply.status !== 200) throw new Error(`${reply.status} ${text}`);
  return text;
}

/** The verifier key of a tenant's log. */
export function keyOfLog(world: World, tenant: string): VerifierKey {
  const key = readVerifierKey(verifierOf(world, tenant), noteCrypto.sha256);
  if (key === null) throw new Error('the world has no signer');
  return key;
}
