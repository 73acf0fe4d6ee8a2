// Archives of recordings on disk: a manifest with files, and exports of platforms in their folders.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { wav } from './wav.ts';

export type Archive = {
  /** Holds the archive and what is beside it. */
  readonly top: string;
  readonly folder: string;
  readonly credential: string;
  /** Writes a file of the archive. */
  readonly write: (path: string, content: string | Uint8Array | object) => void;
  /** Writes a file beside the archive and returns its path. */
  readonly beside: (name: string, content: string | object) => string;
  readonly end: () => void;
};

/** Creates an empty archive, and the file with an uploader's API key. */
export function newArchive(apiKey: string): Archive {
  const top = mkdtempSync(join(tmpdir(), 'callvault-archive-'));
  const folder = join(top, 'archive');
  mkdirSync(folder);
  const text = (content: string | Uint8Array | object): string | Uint8Array =>
    typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content);
  const beside = (name: string, content: string | object): string => {
    writeFileSync(join(top, name), text(content));
    return join(top, name);
  };
  const credential = beside('uploader.key', `${apiKey}\n`);
  chmodSync(credential, 0o600);
  return {
    ...{ top, folder, credential, beside },
    write: (path, content) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text(content));
    },
    end: () => rmSync(top, { recursive: true, force: true }),
  };
}

/** Fills an archive with this many small calls, and returns the path of their manifest. */
export function fillArchive(archive: Archive, calls: number): string {
  const rows = ['file,call_id,started_at,from,agent,field.branch'];
  for (let call = 0; call < calls; call += 1) {
    const file = `2026/${String(call % 12).padStart(2, '0')}/call-${call}.wav`;
    archive.write(file, wav(160 + (call % 700) * 2, call + 1));
    const minute = String(call % 60).padStart(2, '0');
    rows.push(
      `${file},call-${call},2026-03-02T09:${minute}:04Z,+4420794${String(call).padStart(5, '0')},Agent ${call % 9},west`,
    );
  }
  return archive.beside('calls.csv', `${rows.join('\n')}\n`);
}
