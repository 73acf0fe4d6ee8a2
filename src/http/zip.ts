// A ZIP file that is made while it is sent. Nothing is compressed: recordings are compressed already.
import { makeZip } from 'client-zip';

/** A file of an archive: its bytes are read once, to their end, before the next file is asked for. */
export type ZippedFile = {
  readonly name: string;
  readonly modified: Date;
  readonly bytes: AsyncIterable<Uint8Array>;
};

/** The bytes of the archive, with ZIP64 where sizes need it. Ending it early ends `files` too. */
export async function* zipOf(
  files: AsyncGenerator<ZippedFile, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = makeZip(entriesOf(files)).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // The library leaves what it reads from open on errors, and throws into it on a cancellation.
    await reader.cancel().catch(() => undefined);
    await files.return();
  }
}

async function* entriesOf(files: AsyncIterable<ZippedFile>) {
  for await (const { name, modified, bytes } of files) yield { name, lastModified: modified, input: bytes };
}
