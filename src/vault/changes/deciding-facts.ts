// What decisions read of a recording's facts, for previews: they count rows, some of which may be damaged.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import { decidingFacts } from '../../model/access-checks.ts';
import type { Recording } from '../../model/recording.ts';
import { openRecordingFacts } from '../core/objects/recording-view.ts';

/** What decisions read of its facts; undefined where they do not open: `verify` says so, and policies can still change. */
export function decidingFactsOf(
  metadataKey: SecretKey,
  recording: Recording,
): ReturnType<typeof decidingFacts> | undefined {
  try {
    return decidingFacts(openRecordingFacts(metadataKey, recording));
  } catch (error) {
    if (hasCode(error, 'integrity', 'malformed')) return undefined;
    throw error;
  }
}
