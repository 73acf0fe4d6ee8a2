// A dry run of an import: the checks that need no vault.
import { MAX_GIVEN_FACTS } from '../../envelope/facts.ts';
import { hasCode } from '../../errors.ts';
import { checkGivenFacts, whyInvalid } from '../../model/given-facts.ts';
import type { ImportTarget } from './run.ts';
import type { FileBody, Sent } from './send.ts';

/** A sender that sends nothing and rejects metadata that the vault would reject, and a journal in memory. */
export function dryRun(source: string): ImportTarget {
  const calls = new Map<string, string>();
  const stored = ({ size }: FileBody): Sent => ({
    ...{ kind: 'stored', created: true, confirmed: { recording: 'dry-run', size, sha256: '' } },
  });
  return {
    sender: {
      recording: async (metadata, body) => {
        const detail = faultsOf({ ...metadata, source });
        return detail === null ? stored(body) : { kind: 'rejected', code: 'metadata_invalid', detail };
      },
      transcript: async (_recording, _language, body) => stored(body),
    },
    journal: {
      fileId: (path) => path,
      confirmed: () => null,
      recordingOf: ({ callId, leg }) => calls.get(JSON.stringify([callId, leg])) ?? null,
      confirm: (_file, { callId, leg }, { recording }) => void calls.set(JSON.stringify([callId, leg]), recording),
    },
    close: () => undefined,
  };
}

/** What the vault would find wrong with metadata; null for none. */
function faultsOf(metadata: Readonly<Record<string, unknown>>): string | null {
  try {
    checkGivenFacts(metadata, Date.now(), MAX_GIVEN_FACTS);
    return null;
  } catch (error) {
    if (!hasCode(error, 'metadata_invalid')) throw error;
    return whyInvalid(error);
  }
}
