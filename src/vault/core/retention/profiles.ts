// Profiles: what retention rules look at in a recording, as a blind index that a preview counts by.

import { parseCanonicalObject } from '../../../bytes/canonical-json.ts';
import { hexOf } from '../../../bytes/hex.ts';
import { blindIndex } from '../../../envelope/blind-index.ts';
import { openColumn, sealColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { ATTRIBUTES, type AttributeName, profileText, type RuledFacts } from '../../../model/retention/attributes.ts';
import type { ProfileRow } from '../../../model/retention/rows.ts';
import { namesLookedAt, type RetentionRules } from '../../../model/retention/rules.ts';
import type { Rows } from '../../../ports/database.ts';
import type { RetentionWrites } from '../../../ports/rows/retention-rows.ts';

/** Profiles of a tenant beyond which recordings get the profile `*`, whose rows a preview reads one by one. */
const MOST_PROFILES = 10_000;

const OTHERS = '*';

/**
 * The attributes of a profile under these rules: all that every recording can have, so that most new rules find all they
 * look at, and the fields that the rules name.
 */
export function profileNames(rules: RetentionRules): readonly AttributeName[] {
  return [...new Set<AttributeName>([...ATTRIBUTES, ...namesLookedAt(rules)])];
}

/** The profile of attributes, sealed. */
export function profileOf(
  metadataKey: SecretKey,
  tenant: string,
  rules: RetentionRules,
  attributes: RuledFacts['attributes'],
): ProfileRow {
  const text = profileText(attributes, profileNames(rules));
  const id = blindIndex(metadataKey, 'profile', text);
  return { tenant, id, attributes: sealColumn(metadataKey, placeOf(tenant, id), Buffer.from(text)) };
}

/** The profile of recordings beyond the most profiles. */
export function otherProfile(metadataKey: SecretKey): Uint8Array {
  return blindIndex(metadataKey, 'profile', OTHERS);
}

/** The attributes of a profile. Throws `integrity`. */
export function attributesOf(metadataKey: SecretKey, { tenant, id, attributes }: ProfileRow): RuledFacts['attributes'] {
  return parseCanonicalObject(openColumn(metadataKey, placeOf(tenant, id), attributes)) as RuledFacts['attributes'];
}

/** Ensures that a profile has a row, unless there are too many; returns the id that the recording gets. */
export async function ensureProfile(
  rows: Pick<Rows['retention'], 'profile' | 'countProfiles'>,
  writes: Pick<RetentionWrites, 'addProfile'>,
  metadataKey: SecretKey,
  profile: ProfileRow,
): Promise<Uint8Array> {
  if ((await rows.profile(profile.tenant, profile.id)) !== null) return profile.id;
  if ((await rows.countProfiles(profile.tenant)) >= MOST_PROFILES) return otherProfile(metadataKey);
  await writes.addProfile(profile);
  return profile.id;
}

function placeOf(tenant: string, id: Uint8Array) {
  return { tenant, row: `profile_${hexOf(id)}`, column: 'attributes' };
}
