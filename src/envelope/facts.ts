// Sealed facts: personal data of a call, readable only with the deposit's data key.
import { canonicalBytes, type Json, parseCanonicalObject } from '../bytes/canonical-json.ts';
import { info } from '../bytes/derivation.ts';
import { VaultError } from '../errors.ts';
import { freshSalt, openMessage, sealMessage } from './message.ts';
import type { SecretKey } from './secret-key.ts';
import { withDerived } from './secret-key.ts';

/** Maximum size of the canonical facts in bytes. */
export const MAX_FACTS = 32_768;
/** Maximum size of the facts that a sender or a person sets; the rest is for what the vault adds: digests, length, who set what. */
export const MAX_GIVEN_FACTS = MAX_FACTS - 4096;

const FACTS_KEY = ['callvault/facts@v1'];

/** The deposit whose envelope carries the facts. */
export type FactsOwner = { readonly tenant: string; readonly recording: string; readonly deposit: string };

function factsContext(place: FactsOwner): Buffer {
  return info('callvault/facts@v1', place.tenant, place.recording, place.deposit);
}

/** Seals facts for one envelope. Throws `metadata_invalid` over 32 KiB. Only tests pass the salt. */
export function sealFacts(dataKey: SecretKey, place: FactsOwner, facts: object, salt = freshSalt()): Buffer {
  const bytes = canonicalBytes(facts);
  if (bytes.length > MAX_FACTS) throw new VaultError('metadata_invalid', 'the metadata is longer than 32 KiB');
  return withDerived(dataKey, FACTS_KEY, 32, (key) => sealMessage(key, factsContext(place), bytes, salt));
}

/** Opens the facts of an envelope and keeps unknown members. Throws `integrity`, or `malformed` unless they are canonical JSON. */
export function openFacts(dataKey: SecretKey, place: FactsOwner, sealed: Uint8Array): { [name: string]: Json } {
  return parseCanonicalObject(
    withDerived(dataKey, FACTS_KEY, 32, (key) => openMessage(key, factsContext(place), sealed)),
  );
}
