// The check of the log in this browser: hashes recomputed, indices in a row, and what each event says of itself.

/** An event as the API gives it, with what is shown of it; of the log as it is only the bytes are given. */
export type Row = {
  readonly index: number;
  readonly leaf: string;
  readonly hash: string;
  readonly at?: string | null;
  readonly action?: string | null;
  readonly actor?: { readonly id: string } | null;
};

/**
 * What is wrong with an event: its bytes do not have its hash, an index before it is missing, it belongs to another
 * place, time goes back, its bytes are no leaf, what is shown is not what they say, or it opened a listening session
 * that nobody else had approved.
 */
export type Fault = 'hash' | 'gap' | 'place' | 'time' | 'unreadable' | 'shown' | 'unapproved';

export type Checked = {
  readonly count: number;
  readonly first: { readonly index: number; readonly at: string | null } | null;
  readonly last: { readonly index: number; readonly at: string | null } | null;
  readonly listens: number;
  readonly faults: ReadonlyMap<number, Fault>;
};

type Leaf = {
  readonly v: number;
  readonly log: string;
  readonly seq: number;
  readonly ts: string;
  readonly action: string;
  readonly outcome: string;
  readonly actor: { readonly type: string; readonly id: string };
  readonly object: { readonly [name: string]: string | number };
};

/** What is to hold beyond each event by itself: indices in a row, and approvals where the log is read from its start. */
export type Ways = { readonly contiguous: boolean; readonly whole: boolean };

/** A check of a log, to be given its events in order. */
export function createCheck(log: string, { contiguous, whole }: Ways) {
  const faults = new Map<number, Fault>();
  const requests = new Map<
    string,
    { readonly requester: string; readonly recording: string; readonly approvers: Set<string>; readonly needed: number }
  >();
  let [count, listens, time] = [0, 0, ''];
  let first = null as Checked['first'];
  let last = null as Checked['last'];

  const approvals = (leaf: Leaf): Fault | null => {
    const { object, actor, action } = leaf;
    if (leaf.outcome !== 'ok') return null;
    const id = String(object['id']);
    if (action === 'access.requested') {
      const [recording, needed] = [String(object['recording']), Number(object['approvals'])];
      requests.set(id, { requester: actor.id, recording, approvers: new Set(), needed });
    } else if (action === 'access.approved') {
      const request = requests.get(id);
      if (request === undefined || request.requester === actor.id || actor.type !== 'person') return 'unapproved';
      request.approvers.add(actor.id);
    } else if (action === 'session.opened') {
      listens++;
      const request = requests.get(String(object['request']));
      const enough = request !== undefined && request.approvers.size >= Math.max(1, request.needed);
      const same = request?.requester === actor.id && request.recording === object['recording'];
      if (!enough || !same) return 'unapproved';
    }
    return null;
  };

  const judge = (row: Row, leaf: Leaf | null, sameHash: boolean): Fault | null => {
    if (!sameHash) return 'hash';
    if (leaf === null) return 'unreadable';
    if (leaf.log !== log || leaf.seq !== row.index) return 'place';
    if (row.action !== undefined && !isShown(row, leaf)) return 'shown';
    if (leaf.ts < time) return 'time';
    return whole ? approvals(leaf) : null;
  };

  return {
    add: async (rows: readonly Row[]): Promise<void> => {
      const hashes = await Promise.all(rows.map(hasItsHash));
      for (const [n, row] of rows.entries()) {
        const leaf = readLeaf(row.leaf);
        const expected = last === null ? (whole ? 0 : row.index) : last.index + 1;
        const gap = contiguous && row.index !== expected ? 'gap' : null;
        const fault = judge(row, leaf, hashes[n] === true) ?? gap;
        if (fault !== null) faults.set(row.index, fault);
        if (leaf !== null && leaf.ts > time) time = leaf.ts;
        last = { index: row.index, at: leaf?.ts ?? null };
        first ??= last;
        count++;
      }
    },
    told: (): Checked => ({ count, first, last, listens, faults: new Map(faults) }),
  };
}

/** SHA-256 of a zero byte and the leaf (RFC 6962), compared with what the log keeps. */
async function hasItsHash({ leaf, hash }: Row): Promise<boolean> {
  const bytes = bytesOf(leaf);
  if (bytes === null) return false;
  const prefixed = new Uint8Array(bytes.length + 1);
  prefixed.set(bytes, 1);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', prefixed));
  return btoa(String.fromCharCode(...digest)) === hash;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The text of a leaf, as its exact bytes spell it; null for what is no text. */
export function leafText(base64: string): string | null {
  const bytes = bytesOf(base64);
  try {
    return bytes === null ? null : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function readLeaf(base64: string): Leaf | null {
  try {
    const leaf = JSON.parse(leafText(base64) ?? '') as Leaf;
    const told = [leaf.ts, leaf.action, leaf.outcome, leaf.actor.id, leaf.object['id']];
    return leaf.v === 1 && told.every((text) => typeof text === 'string') ? leaf : null;
  } catch {
    return null;
  }
}

function isShown({ at, action, actor }: Row, leaf: Leaf): boolean {
  return at === leaf.ts && action === leaf.action && actor?.id === leaf.actor.id;
}
