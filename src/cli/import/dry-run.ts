// A dry run of an import: the checks that need no vault.
import { MAX_GIVEN_FACTS } from '../../envelope/facts.ts';
import { hasCode } from '../../errors.ts';
import { checkGivenFacts, whyInvalid } from '../../model/given-facts.ts';
import type { ImportTarget } from './run.ts';
import type { FileBody } from './send.ts';

/** A sender that sends nothing and rejects metadata that the vault would reject, and a journal in memory. */
export function dryRun(source: string): ImportTarget {
  const calls = new Map<string, string>();
  const sizes = new Map<string, number>();
  const stored = ({ size }: FileBody) => ({
    ...({ kind: 'stored', created: true } as const),
    confirmed: { recording: 'dry-run', size, sha256: '' },
  });
  return {
    sender: {
      recording: async (metadata, body) => {
        const detail = faultsOf({ ...metadata, source });
        if (detail !== null) return { kind: 'rejected', code: 'metadata_invalid', detail };
        const call = JSON.stringify([metadata.call_id, metadata.leg ?? '0']);
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
