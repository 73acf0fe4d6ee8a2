// A probe for audio stored already: it starts by itself, and an unreadable audio only loses its peaks.

import type { MediaFacts, MediaProbe, MediaProbes } from '../../ports/media-probe.ts';
import { PROBE_BYTES } from '../deposit/upload-bytes.ts';

const NOTHING: MediaFacts = { durationMs: null, channels: null, peaks: null };

/** A probe that starts once it has the first 64 KiB, or the whole audio. It never throws. */
export function lateProbe(probes: MediaProbes, type: string): MediaProbe {
  let head: Buffer[] = [];
  let length = 0;
  let probe: MediaProbe | null = null;
  let failed = false;
  const begin = (): void => {
    const bytes = Buffer.concat(head);
    try {
      probe = probes.begin(type, bytes.subarray(0, PROBE_BYTES));
      probe.push(bytes);
    } catch {
      failed = true;
    }
    bytes.fill(0);
    for (const piece of head) piece.fill(0);
    head = [];
  };
  return {
    push: (bytes) => {
      if (failed) return;
      if (probe !== null) {
        probe.push(bytes);
        return;
      }
      // The caller may overwrite a piece after `push` returns.
      head.push(Buffer.from(bytes));
      length += bytes.length;
      if (length >= PROBE_BYTES) begin();
    },
    room: async (mostMs) => probe?.room(mostMs),
    close: () => probe?.close(),
    finish: async () => {
      if (probe === null && !failed) begin();
      return (await probe?.finish()) ?? NOTHING;
    },
  };
}
