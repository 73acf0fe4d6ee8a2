// A vault in memory that keeps one deposit for each call, and sealed files without encryption.
import { createHash } from 'node:crypto';
import type { SealedFileMeta } from '../../../src/envelope/sealed-file.ts';
import type { UploadAnswer } from '../../../src/relay/ports.ts';

/** In place of sealing: the model is about files. */
export async function* sealInClear(
  id: string,
  meta: SealedFileMeta,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify({ id, meta })}\n`);
  yield* source;
}

function readClear(file: Buffer): { readonly meta: SealedFileMeta; readonly content: Buffer } | null {
  const end = file.indexOf('\n');
  if (end < 0) return null;
  const { meta } = JSON.parse(file.subarray(0, end).toString()) as { meta: SealedFileMeta };
  const content = file.subarray(end + 1);
  return createHash('sha256').update(content).digest('hex') === meta.sha256 ? { meta, content } : null;
}

/** The content of a sealed file that is whole; null for any other. */
export function contentOf(file: Buffer): Buffer | null {
  return readClear(file)?.content ?? null;
}

/** Deposits by natural key, as the vault does. */
export function newVault() {
  const bodies = new Map<string, Buffer>();
  return {
    bodies: () => [...bodies.values()],
    stored: () => new Map([...bodies].map(([id, file]) => [id, contentOf(file) ?? Buffer.alloc(0)])),
    put: (file: Buffer): UploadAnswer => {
      const read = readClear(file);
      if (read === null) return { status: 400, json: { code: 'digest_mismatch' }, retryAfterMs: null };
      const id = (read.meta.facts as { call_id: string }).call_id;
      const before = bodies.get(id);
      if (before !== undefined && !contentOf(before)?.equals(read.content))
        return { status: 422, json: { code: 'call_differs' }, retryAfterMs: null };
      if (before === undefined) bodies.set(id, file);
      const { size, sha256 } = read.meta;
      return { status: before === undefined ? 201 : 200, json: { size, sha256 }, retryAfterMs: null };
    },
  };
}
