// A dry run of an import: the checks that need no vault.
import { MAX_GIVEN_FACTS } from '../../envelope/facts.ts';
import { hasCode } from '../../errors.ts';
import { checkGivenFacts, whyInvalid } from '../../model/given-facts.ts';
import type { ImportTarget } from './run.ts';
import type { FileBody } from './send.ts';

/** The id of each recording: nothing is stored that could have one. */
const RECORDING = 'dry-run';

/** A sender that sends nothing and rejects metadata that the vault would reject, and a journal in memory. */
export function dryRun(source: string): ImportTarget {
  const sizes = new Map<string, number>();
  const nameOf = (callId: string, leg: string) => JSON.stringify([callId, leg]);
  const stored = ({ size }: FileBody) => ({
    ...({ kind: 'stored', created: true } as const),
    confirmed: { recording: RECORDING, size, sha256: '' },
  });
  return {
    sender: {
      recording: async (metadata, body) => {
        const detail = faultsOf({ ...metadata, source });
        if (detail !== null) return { kind: 'rejected', code: 'metadata_invalid', detail };
        const call = nameOf(metadata.call_id, metadata.leg ?? '0');
        const before = sizes.get(call);
        sizes.set(call, before ?? body.size);
        if (before === undefined || before === body.size) return { ...stored(body), created: before === undefined };
        return { kind: 'differs', code: 'call_differs', detail: 'another file of this folder has the same call id' };
      },
      transcript: async (_recording, _language, body) => stored(body),
    },
    journal: {
      fileId: (path) => path,
      confirmed: () => null,
      recordingOf: ({ callId, leg }) => (sizes.has(nameOf(callId, leg)) ? RECORDING : null),
      confirm: () => undefined,
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
