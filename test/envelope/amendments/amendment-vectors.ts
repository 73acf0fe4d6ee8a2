// test/vectors/amendments.json with its types; test/vectors/README.md explains each member.
import { readFileSync } from 'node:fs';

type Blob = { readonly path: string; readonly json: string };
type Entry = Blob & {
  readonly name: string;
  readonly body: string;
  readonly context: string;
  readonly salt: string;
  readonly signed: string;
  readonly entry: string;
};
type Longest = {
  readonly body: number;
  readonly times: number;
  readonly by: string;
  readonly at: string;
  readonly event: string;
  readonly salt: string;
  readonly sealed: number;
  readonly mac: string;
  readonly path: string;
  readonly bytes: number;
  readonly entry: string;
  readonly fault: string | null;
};
type Stream = {
  readonly name: string;
  readonly subject: string;
  readonly entries: readonly string[];
  readonly facts?: string;
  readonly facts_after?: readonly string[];
  readonly comments?: string;
  readonly settings_after?: readonly string[];
};
type Hostile = {
  readonly name: string;
  readonly stream: string | null;
  readonly subject?: string;
  readonly drop: readonly string[];
  readonly put: readonly (Blob & { readonly pad?: number })[];
  readonly rows?: readonly string[];
  readonly fault: string | null;
  readonly n: number | null;
  readonly authentic: number;
};

type AmendmentVectors = {
  readonly keys: Readonly<Record<string, string>>;
  readonly names: readonly { tenant: string; subject: string; n: number; at: string; path: string }[];
  readonly entries: readonly Entry[];
  readonly longest: readonly Longest[];
  readonly streams: readonly Stream[];
  readonly hostile: readonly Hostile[];
  readonly tombstone_lists: {
    readonly natural: readonly { source: string; call_id: string; leg: string; natural: string }[];
    readonly lists: readonly (Blob & { readonly name: string; readonly signed: string; readonly mac: string })[];
    readonly path: string;
    readonly refused: readonly { name: string; json: string; fault: string }[];
  };
};

export const vectors: AmendmentVectors = JSON.parse(
  readFileSync(new URL('../../vectors/amendments.json', import.meta.url), 'utf8'),
);
