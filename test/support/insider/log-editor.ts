// A log rewritten by SQL, with the bytes, hashes, tiles and seals that an insider knows how to make.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalBytes } from '../../../src/bytes/canonical-json.ts';
import { leafHash, logName } from '../../../src/model/audit-event.ts';
import { checkpointText } from '../../../src/model/log/checkpoint.ts';
import { segmentName, writeSegment } from '../../../src/model/log/segment.ts';
import { createEdge } from '../../../src/model/log/tree/edge.ts';
import { tileRows } from '../../../src/model/log/tree/tile-rows.ts';
import type { Signer } from '../../../src/ports/signer.ts';
import { noteCrypto } from '../../../src/vault/core/proofs/note-crypto.ts';
import type { Row } from '../rows-by-sql.ts';
import { makeSigner } from '../signer-file.ts';
import type { Copy } from './copies.ts';

/** A stored event. `leaf` is parsed. */
export type EditedLeaf = Readonly<Record<string, unknown>> & { readonly seq: number; readonly action: string };

type Stored = Row & { readonly seq: number; readonly id: string; readonly leaf: Uint8Array; readonly hash: Uint8Array };

/** Editing one log of a copy. */
export function logEditor({ sql, folder, vault: { settings } }: Copy, log: string) {
  const rows = async (): Promise<Stored[]> =>
    (await sql.all('audit_event'))
      .filter((row) => row['log'] === log)
      .map((row) => ({ ...row, seq: Number(row['seq']) }) as Stored)
      .sort((one, other) => one.seq - other.seq);
  const leaves = async (): Promise<EditedLeaf[]> => (await rows()).map(({ leaf }) => parsed(leaf));
  const size = async (): Promise<number> => (await rows()).length;
  const setHead = (values: Row): Promise<void> => sql.set('audit_head', { log }, values);
  const insert = async (seq: number, leaf: Uint8Array): Promise<void> => {
    const id = `evt_${crypto.randomUUID()}`;
    await sql.insert('audit_event', { log, seq, id, leaf, hash: leafHash(leaf) });
  };
  const removeFrom = async (from: number): Promise<void> => {
    await sql.freeLog();
    for (const { seq } of (await rows()).filter((row) => row.seq >= from))
      await sql.remove('audit_event', { log, seq });
  };
  /** The sizes at which the log was sealed. */
  const sizes = async (): Promise<number[]> =>
    (await sql.all('audit_seal'))
      .filter((row) => row['log'] === log)
      .map((row) => Number(row['size']))
      .sort((a, b) => a - b);
  return {
    rows,
    leaves,
    size,
    setHead,
    sizes,
    removeFrom,
    /** The index of an event of this action: the last one that a checkpoint covers, or the first. */
    indexOf: async (action: string, which: 'first' | 'last' = 'last'): Promise<number> => {
      const sealed = (await sizes()).at(-1) ?? 0;
      const found = (await leaves()).filter((leaf) => leaf.action === action && leaf.seq < sealed);
      return found.at(which === 'last' ? -1 : 0)?.seq ?? Number.NaN;
    },
    /** Writes columns of an event. */
    set: async (seq: number, values: Row): Promise<void> => {
      await sql.freeLog();
      await sql.set('audit_event', { log, seq }, values);
    },
    remove: async (seq: number): Promise<void> => {
      await sql.freeLog();
      await sql.remove('audit_event', { log, seq });
    },
    /** Writes an event behind the last one, as it is. */
    append: async (leaf: Uint8Array): Promise<void> => {
      const next = await size();
      await insert(next, leaf);
      await setHead({ size: next + 1 });
    },
    /** Writes an event of an actor behind the last one, as callvault would. */
    invent: async (event: Readonly<Record<string, unknown>>): Promise<void> => {
      const all = await leaves();
      const [last, next] = [all.at(-1), all.length];
      const leaf = {
        v: 1,
        log: logName(settings.origin, log),
        seq: next,
        id: 'evt_01m8j3r6syef1s3e13g4gxtv3d',
        ts: last?.['ts'],
        outcome: 'ok',
        node: 'node-1',
        ...event,
      };
      await insert(next, canonicalBytes(leaf));
      await setHead({ size: next + 1 });
    },
    /** Writes these events instead of those from an index on, numbered again unless it is said otherwise. */
    rewrite: async (from: number, instead: readonly EditedLeaf[], renumber = true): Promise<void> => {
      await removeFrom(from);
      for (const [n, leaf] of instead.entries())
        await insert(from + n, canonicalBytes(renumber ? { ...leaf, seq: from + n } : leaf));
      await setHead({ size: from + instead.length });
    },
    /** Writes tiles and seals of the events that there are, and puts them into store and anchor if that is wanted. */
    sealAgain: async (signer: Signer, where: 'database' | 'everywhere'): Promise<void> => {
      const [all, wanted, name] = [await rows(), await sizes(), logName(settings.origin, log)];
      const tiles = tileRows();
      const edge = createEdge(noteCrypto.sha256, undefined, tiles.complete);
      let from = 0;
      for (const { leaf } of all) {
        edge.add(leafHash(leaf));
        const at = edge.size();
        if (!wanted.includes(at)) continue;
        const note = signer.sign(name, checkpointText({ log: name, size: at, root: edge.root() }));
        await sql.set('audit_seal', { log, size: at }, { note });
        if (where === 'everywhere') {
          const segment = writeSegment({ note, leaves: all.slice(from, at).map((one) => one.leaf) });
          await writeFile(join(segmentFolder(folder, log), segmentName(at)), segment);
          await writeFile(join(anchorFolder(folder, settings.origin, log), segmentName(at)), note);
        }
        from = at;
      }
      for (const { level, index, hashes } of [...tiles.takeWhole(), ...tiles.rest()].filter((row) => row.level > 0))
        await sql.set('audit_tile', { log, level, tile: index }, { hashes });
    },
  };
}

/** The leaf in these bytes. */
export function parsed(leaf: Uint8Array): EditedLeaf {
  return JSON.parse(Buffer.from(leaf).toString()) as EditedLeaf;
}

/** The same event by another actor, with its hash. */
export function byAnother(leaf: Uint8Array): { readonly leaf: Uint8Array; readonly hash: Uint8Array } {
  const edited = canonicalBytes({ ...parsed(leaf), node: 'node-2' });
  return { leaf: edited, hash: leafHash(edited) };
}

export function segmentFolder(folder: string, log: string): string {
  return join(folder, 'store', log === 'deployment' ? log : join('t', log), 'l');
}

export function anchorFolder(folder: string, origin: string, log: string): string {
  return join(folder, 'anchor', logName(origin, log));
}

/** A signer whose key no one trusts. */
export function strangeSigner({ folder }: Copy): Promise<Signer> {
  return makeSigner([join(folder, 'strange.pem')]);
}
