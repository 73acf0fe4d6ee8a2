// The check of an exported log in a folder, with nothing but the folder: events, tree, tiles, checkpoints, receipts, meaning.
import { VaultError } from '../../errors.ts';
import { leafHash } from '../../model/audit-event.ts';
import { createLogCheck } from '../../model/log/check.ts';
import { readCheckpoint } from '../../model/log/checkpoint.ts';
import type { DeploymentLog } from '../../model/log/deployment-copies.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import { readNote, type VerifierKey } from '../../model/log/note.ts';
import {
  compareTile,
  createPublishedCheck,
  type FoundCheckpoint,
  type Holding,
  type PublishedCheck,
  type PublishedCode,
} from '../../model/log/published/published-check.ts';
import { recordingStory } from '../../model/log/story.ts';
import { noteCrypto } from '../../vault/core/proofs/note-crypto.ts';
import { proofCrypto } from '../../vault/core/proofs/proof-crypto.ts';
import type { ExportFolder } from './export-folder.ts';
import { type NoticeCode, sentenceOfFinding, sentenceOfNotice } from './sentences.ts';

/** What a reader has besides the export. */
export type Given = {
  readonly keys: readonly VerifierKey[];
  readonly kept: readonly FoundCheckpoint[];
  readonly receipts: ReadonlyMap<number, readonly Uint8Array[]>;
  readonly url: string | null;
  readonly recording: string | null;
  /** Of the deployment's log, which is checked first. */
  readonly deployment: DeploymentLog | null;
};

/** A report, and what a deployment's log has for the checks of its tenants. */
export type VerifiedExport = { readonly report: LogReport; readonly operators: DeploymentLog };

/** The report on one log, in the form that docs/verify_log.py prints too. */
export type LogReport = {
  readonly log: string;
  readonly events: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly adopted: number | null;
  readonly address: string | null;
  readonly checkpoint: Holding | null;
  readonly findings: readonly ReportedFinding[];
  readonly not_shown: number;
  readonly notices: readonly { code: NoticeCode; count: number; index: number; sentence: string }[];
  readonly recording?: { readonly id: string; readonly lines: readonly string[] };
};

export type ReportedFinding = {
  readonly code: string;
  readonly index: number;
  readonly id: string;
  readonly sentence: string;
  /** What the event says; absent where it cannot be read, or the finding is about no event. */
  readonly event?: Pick<Leaf, 'ts' | 'actor' | 'action' | 'object'>;
};

const MOST_SHOWN = 10_000;

/** The name of the log that a checkpoint is of, and its size, not verified. Throws `malformed` for another text. */
export function readHead(note: string, file: string): { readonly log: string; readonly size: number } {
  const checkpoint = readCheckpoint(readNote(note)?.text ?? '');
  if (checkpoint === null) throw new VaultError('malformed', `${file} is not a checkpoint`);
  return checkpoint;
}

/** Checks an export from its first event to its last. Reads each file once, bundles in order. */
export function verifyExport(folder: ExportFolder, given: Given): VerifiedExport {
  const head = readHead(folder.head, 'checkpoint');
  const began = beginningOf(folder);
  const address = began.url ?? given.url;
  const url = address ?? began.proofUrl;
  const proofs = url === null ? undefined : { ...proofCrypto, url };
  const operators = given.deployment === null ? {} : { deployment: given.deployment };
  const besides = { policies: folder.policy, ...operators };
  const check = createLogCheck(head.log, 'whole', proofs, besides);
  const expected = { name: head.log, keys: given.keys, receipts: given.receipts };
  const published = createPublishedCheck(expected, noteCrypto);
  const story = given.recording === null ? null : recordingStory(given.recording);
  const found = checkpointsOf(folder, { file: 'checkpoint', size: head.size, note: folder.head }, given.kept);
  let from: string | null = null;
  let to: string | null = null;
  published.judge(found.at(0));
  for (const { index, leaf: bytes } of folder.leaves()) {
    const hash = leafHash(bytes);
    const leaf = check.add({ seq: index, leaf: bytes, hash }, hash);
    published.add(index, hash, leaf);
    if (leaf !== null) {
      story?.add(leaf, index);
      from ??= leaf.ts;
      to = leaf.ts;
    }
    published.judge(found.at(published.size()));
    compareRows(folder, published, published.rows(), head.size);
  }
  compareRows(folder, published, published.end(found.rest()), head.size);
  const { findings, notices, more } = check.checked();
  const all = [
    ...findings.map(({ code, seq: index, id }) => ({ code, index, id: id ?? 'event' })),
    ...published.findings(),
  ]
    .sort((a, b) => a.index - b.index)
    .map((one): ReportedFinding => ({ ...one, sentence: sentenceOfFinding(one.code) }));
  const isWithoutAddress = address === null && began.proofUrl !== null;
  const sealed = published.newest()?.size ?? 0;
  const counted = countNotices([
    ...notices.map(({ code, seq, count }) => ({ code, index: seq, count })),
    ...(published.size() > sealed
      ? [{ code: 'unsealed', index: sealed, count: published.size() - sealed } as const]
      : []),
    ...(began.adopted === null ? [{ code: 'no_adoption', index: 0, count: 1 } as const] : []),
    ...((began.adopted ?? 0) > 0 ? [{ code: 'before_adoption', index: 0, count: began.adopted ?? 0 } as const] : []),
    ...(isWithoutAddress ? [{ code: 'no_address', index: 0, count: 1 } as const] : []),
  ]);
  const report: LogReport = {
    log: head.log,
    events: published.size(),
    from,
    to,
    adopted: began.adopted,
    address,
    checkpoint: published.newest(),
    findings: all.slice(0, MOST_SHOWN).map((one) => ({ ...one, ...eventOf(folder, one) })),
    not_shown: Math.max(0, all.length - MOST_SHOWN) + more,
    notices: counted,
    ...(given.recording === null ? {} : { recording: { id: given.recording, lines: story?.lines() ?? [] } }),
  };
  return { report, operators: check.operators };
}

/** Findings about a file, not about an event. */
const OF_FILES: ReadonlySet<string> = new Set<PublishedCode>(['fork', 'behind', 'signature', 'tile_differs']);

function eventOf(folder: ExportFolder, { code, index }: ReportedFinding): Pick<ReportedFinding, 'event'> {
  const bytes = OF_FILES.has(code) ? null : folder.leaf(index);
  const leaf = bytes === null ? null : readLeaf(bytes);
  if (leaf === null) return {};
  const { ts, actor, action, object } = leaf;
  return { event: { ts, actor, action, object } };
}

type Counted = { readonly code: NoticeCode; readonly index: number; readonly count: number };

/** Each notice once, with how many events it is of, and the first. */
export function countNotices(notices: readonly Counted[]): LogReport['notices'] {
  const byCode = new Map<NoticeCode, Counted>();
  for (const { code, index, count } of notices) {
    const known = byCode.get(code);
    byCode.set(code, { code, index: known?.index ?? index, count: (known?.count ?? 0) + count });
  }
  return [...byCode.values()].map((one) => ({ ...one, sentence: sentenceOfNotice(one.code) }));
}

function compareRows(
  folder: ExportFolder,
  published: PublishedCheck,
  rows: ReturnType<PublishedCheck['rows']>,
  sealed: number,
): void {
  for (const row of rows) {
    const finding = compareTile(row, folder.tile(row), sealed);
    if (finding !== null) published.report(finding);
  }
}

/** The checkpoints by size, each read when the events have reached it. */
function checkpointsOf(folder: ExportFolder, head: FoundCheckpoint, kept: readonly FoundCheckpoint[]) {
  const named = new Set(folder.sizes);
  const others = [head, ...kept];
  const sizes = [...new Set([...named, ...others.map(({ size }) => size)])].sort((a, b) => a - b);
  const load = (size: number): FoundCheckpoint[] => [
    ...(named.has(size) ? [folder.checkpoint(size)] : []),
    ...others.filter((one) => one.size === size),
  ];
  let next = 0;
  return {
    at: (size: number): FoundCheckpoint[] => {
      // After a gap, sizes inside it are passed.
      while ((sizes[next] ?? Number.POSITIVE_INFINITY) < size) next++;
      return sizes[next] === size ? load(sizes[next++] as number) : [];
    },
    rest: (): FoundCheckpoint[] => sizes.slice(next).flatMap(load),
  };
}

/** How the log began: which event says that it has checkpoints, and which address passkeys belong to. */
function beginningOf(folder: ExportFolder) {
  let proofUrl: string | null = null;
  for (const { index, leaf: bytes } of folder.leaves()) {
    const isProof = proofUrl === null && includes(bytes, PROOF);
    if (!isProof && !includes(bytes, ADOPTED)) continue;
    const leaf = readLeaf(bytes);
    if (isProof) proofUrl = originOf(leaf);
    if (leaf?.action !== 'log.adopted') continue;
    const { url } = leaf.object;
    return { adopted: index, url: typeof url === 'string' ? url : null, proofUrl };
  }
  return { adopted: null, url: null, proofUrl };
}

const ADOPTED = Buffer.from('"action":"log.adopted"');
const PROOF = Buffer.from('"action":"proof.given"');

function includes(bytes: Uint8Array, part: Buffer): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(part);
}

/** The address that the browser named in a proof; null where it cannot be read. */
function originOf(leaf: Leaf | null): string | null {
  try {
    const client = Buffer.from(String(leaf?.object['client']), 'base64').toString();
    return new URL((JSON.parse(client) as { readonly origin: string }).origin).origin;
  } catch {
    return null;
  }
}
