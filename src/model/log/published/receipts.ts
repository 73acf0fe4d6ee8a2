// Receipts that clients kept: lines of `Vault-Audit`, the log, the index and the hash of an event.
import { bytesOfBase64 } from '../base64.ts';

/** Hashes by index, of each log by its name. */
export type Receipts = ReadonlyMap<string, ReadonlyMap<number, readonly Uint8Array[]>>;

const LINE = /^(?:vault-audit:\s*)?(\S+)\s+(\d{1,15})\s+(\S+)$/i;

/** Reads such lines, with or without the header's name; empty ones are skipped. Null, and the line, for any other. */
export function readReceipts(
  text: string,
): { readonly receipts: Receipts; readonly wrong: null } | { readonly receipts: null; readonly wrong: string } {
  const receipts = new Map<string, Map<number, Uint8Array[]>>();
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const [, log = '', digits = '', given = ''] = LINE.exec(line.trim()) ?? [];
    const hash = /^[0-9a-f]{64}$/.test(given) ? bytesOfHex(given) : bytesOfBase64(given);
    if (log === '' || hash?.length !== 32) return { receipts: null, wrong: line };
    const ofLog = receipts.get(log) ?? new Map<number, Uint8Array[]>();
    receipts.set(log, ofLog);
    ofLog.set(Number(digits), [...(ofLog.get(Number(digits)) ?? []), hash]);
  }
  return { receipts, wrong: null };
}

function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
