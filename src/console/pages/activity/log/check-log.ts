// Check of the whole log in this browser: its events page by page, with signatures, checkpoints and the texts of policies.
import { type Leaf, readLeaf } from '../../../../model/log/leaf.ts';
import type { VerifierKey } from '../../../../model/log/note.ts';
import type { FoundCheckpoint } from '../../../../model/log/published/published-check.ts';
import { createAssertions } from './assertions.ts';
import { type Checked, createCheck, leavesOf, type Row } from './check.ts';
import { createSealCheck } from './checkpoint.ts';
import { noteCrypto } from './crypto.ts';

/** A page of events; `next` is null at the end of the log. */
export type EventPage = { readonly rows: readonly Row[]; readonly next: number | null };

/** What the check reads from the service. */
export type LogReader = {
  readonly events: (from: number) => Promise<EventPage>;
  /** The newest checkpoint, a signed note; null while the log has none. */
  readonly checkpoint: () => Promise<string | null>;
  /** The first published checkpoints from this size on. */
  readonly checkpoints: (from: number) => Promise<readonly FoundCheckpoint[]>;
  /** The texts of the policy's versions, by id; null where they cannot be read. */
  readonly policies: () => Promise<ReadonlyMap<string, Uint8Array> | null>;
};

/** The log: its name, the verifier keys that the reader entered, and the address that passkeys belong to. */
export type CheckedLog = { readonly name: string; readonly keys: readonly VerifierKey[]; readonly url: string };

/** What was checked, how many signatures by passkey were right, and how many texts of policies were read. */
export type WholeChecked = Checked & { readonly signatures: number; readonly policies: number | null };

/** Pages on their way while one is checked. */
const AHEAD = 2;
const ADDED = 'signer.added';
const ADOPTED = 'log.adopted';
/** The first checkpoint follows the event that says there will be some. */
const SEALED_BY_MS = 10 * 60_000;

/** Checks a log from its first event on. `progress` is called after each page with the number of events so far. */
export async function checkLog(
  { name, keys, url }: CheckedLog,
  reader: LogReader,
  progress: (count: number) => void,
): Promise<WholeChecked> {
  const [note, policies] = await Promise.all([reader.checkpoint(), reader.policies()]);
  const seal = note === null ? null : createSealCheck(name, note, keys, noteCrypto);
  const assertions = createAssertions();
  const besides = policies === null ? {} : { policies: (id: string) => policies.get(id) ?? null };
  let adopted: Leaf | null = null;
  const check = createCheck(name, 'whole', { proofs: { ...assertions.crypto, url }, besides, seal });
  for await (const rows of pagesOf(reader)) {
    const leaves = leavesOf(rows);
    await assertions.prepare(leaves);
    // A key that is replaced signs once more, over the event that names the next one.
    for (const [n, row] of rows.entries()) {
      if (leafOf(leaves[n]?.leaf, ADDED) !== null) seal?.expect(await reader.checkpoints(row.index + 1));
      adopted ??= leafOf(leaves[n]?.leaf, ADOPTED);
    }
    seal?.expect([]);
    check.add(rows, leaves);
    progress(check.count());
  }
  const { faults, ...checked } = check.checked();
  const all = isWithheld(note, seal !== null, adopted)
    ? [...faults, { seq: check.count(), code: 'signature' as const }]
    : faults;
  return { ...checked, faults: all, signatures: assertions.right(), policies: policies?.size ?? null };
}

/** Whether the service has no checkpoint to show although the log is sealed, or a text that is none. */
function isWithheld(note: string | null, isCheckpoint: boolean, adopted: Leaf | null): boolean {
  if (note !== null) return !isCheckpoint;
  return adopted !== null && Date.now() - Date.parse(adopted.ts) > SEALED_BY_MS;
}

/** The pages of the log in order, some of them ahead. */
async function* pagesOf({ events }: LogReader): AsyncGenerator<readonly Row[]> {
  const ahead = new Map<number, Promise<EventPage>>();
  const ask = (from: number): Promise<EventPage> => {
    const page = ahead.get(from) ?? events(from);
    // It may fail while another is awaited: that is no unhandled rejection.
    page.catch(() => undefined);
    ahead.set(from, page);
    return page;
  };
  for (let from: number | null = 0; from !== null; ) {
    const page: EventPage = await ask(from);
    ahead.delete(from);
    if (page.next !== null) for (let n = 0; n < AHEAD; n++) void ask(page.next + n * (page.next - from));
    yield page.rows;
    // A service that repeats itself would be asked without end.
    from = page.next !== null && page.next > from ? page.next : null;
  }
}

/** The leaf, if it is of this action. */
function leafOf(bytes: Uint8Array | undefined, action: string): Leaf | null {
  if (bytes === undefined || bytes.length > 2_000) return null;
  const text = new TextDecoder().decode(bytes);
  if (!text.includes(`"action":"${action}"`)) return null;
  const leaf = readLeaf(bytes);
  return leaf?.action === action ? leaf : null;
}
