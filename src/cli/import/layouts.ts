// The layout of an archive by the options of the command: an export of a platform, a pattern, or a manifest.
import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { amazonConnect } from '../../connectors/amazon-connect.ts';
import { fileNameLayout } from '../../connectors/file-name.ts';
import { freeswitch } from '../../connectors/freeswitch.ts';
import { genesysExport } from '../../connectors/genesys-export.ts';
import type { Layout } from '../../connectors/layout.ts';
import {
  type ManifestColumns,
  type ManifestRow,
  manifestLayout,
  manifestRow,
  mappedColumns,
  namedColumns,
} from '../../connectors/manifest.ts';
import { rtpengine } from '../../connectors/rtpengine.ts';
import { asterisk, sidecar } from '../../connectors/sidecar.ts';
import { VaultError } from '../../errors.ts';
import { separatorOf } from '../../model/csv.ts';
import { isTimeZone } from '../../model/time-zone.ts';
import { membersIn } from '../support/json-file.ts';
import { codeOfUnreadable } from '../support/read-text.ts';

const OF_PLATFORM: Readonly<Record<string, Layout>> = {
  genesys: genesysExport,
  'amazon-connect': amazonConnect,
  freeswitch,
  asterisk,
  rtpengine,
  sidecar,
};

/** Names for `--layout`. */
export const LAYOUTS: readonly string[] = [...Object.keys(OF_PLATFORM), 'file-name'];

export type LayoutOptions = {
  readonly layout?: string;
  readonly pattern?: string;
  readonly zone: string;
  readonly manifest?: string;
  readonly columns?: string;
};

/** A layout, the files that it expects, and how many rows of a manifest name no file or no call. */
export type ChosenLayout = {
  readonly layout: Layout;
  readonly expected: Iterable<string>;
  readonly unreadable: number;
};

/** Chooses the layout. Throws `malformed` for options that do not fit each other, a manifest or a pattern. */
export async function chooseLayout({ layout, pattern, zone, manifest, columns }: LayoutOptions): Promise<ChosenLayout> {
  if (!isTimeZone(zone)) throw new VaultError('malformed', '--zone must be a time zone such as Europe/Berlin');
  if ((layout === undefined) === (manifest === undefined))
    throw new VaultError('malformed', 'give --manifest with a table of calls, or --layout');
  if ((layout === 'file-name') !== (pattern !== undefined))
    throw new VaultError('malformed', '--layout file-name needs --pattern, and no other layout has one');
  if (columns !== undefined && manifest === undefined) throw new VaultError('malformed', '--columns needs --manifest');
  if (manifest !== undefined)
    return manifestOf(
      manifest,
      columns === undefined ? null : await membersIn(columns, 'the mapping', '{ "call_id": "Column" }'),
    );
  const chosen = pattern === undefined ? OF_PLATFORM[layout ?? ''] : fileNameLayout(pattern, zone);
  if (chosen === undefined) throw new VaultError('malformed', `--layout must be one of ${LAYOUTS.join(', ')}`);
  return { layout: chosen, expected: [], unreadable: 0 };
}

async function manifestOf(path: string, mapping: unknown): Promise<ChosenLayout> {
  let unreadable = 0;
  let columns: ManifestColumns | null = null;
  const header = (names: readonly string[]): string[] => {
    const trimmed = names.map((name) => name.trim());
    columns = mapping === null ? namedColumns(trimmed) : mappedColumns(mapping, trimmed);
    return trimmed;
  };
  const rows: ManifestRow[] = [];
  try {
    const { delimiter, from } = separatorOf(await beginningOf(path));
    const rest = { bom: true, columns: header, skip_empty_lines: true, relax_column_count_less: true } as const;
    // A line that names the delimiter stands above the header.
    const parser = createReadStream(path)
      .on('error', (error) => parser.destroy(error))
      .pipe(parse({ ...rest, delimiter, from_line: from > 1 ? 2 : 1 }));
    for await (const record of parser as AsyncIterable<Readonly<Record<string, string>>>) {
      const row = columns === null ? null : manifestRow(columns, record);
      if (row === null) unreadable += 1;
      else rows.push(row);
    }
  } catch (cause) {
    if (cause instanceof VaultError) throw cause;
    const { code, lines } = cause as { readonly code?: string; readonly lines?: number };
    if (code?.startsWith('CSV_') === true)
      throw new VaultError('malformed', `the manifest is not CSV: line ${String(lines ?? '?')} (${code})`, { cause });
    throw new VaultError('malformed', `the manifest cannot be read (${codeOfUnreadable(cause)})`, { cause });
  }
  if (columns === null) throw new VaultError('malformed', 'the manifest has no header');
  const { layout, named } = manifestLayout(rows);
  return { layout, expected: named.keys(), unreadable };
}

/** The first bytes of a table: its header is in them, or what separates its columns. */
async function beginningOf(path: string): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of createReadStream(path, { end: 4_095 }) as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
