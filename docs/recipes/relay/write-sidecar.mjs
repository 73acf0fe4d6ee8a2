// Writes a sidecar so that no reader ever sees a part of it: under another name, synced, then renamed. The relay reads it as
// a member of the folder's group.
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Writes `NAME.json` beside `NAME.wav`. Its members are those of `POST /v1/recordings`. */
export function writeSidecar(path, metadata) {
  const made = join(dirname(path), `.${basename(path)}.new`);
  const file = openSync(made, 'w', 0o640);
  try {
    writeSync(file, `${JSON.stringify(metadata)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(made, path);
}
