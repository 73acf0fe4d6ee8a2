// test/vectors/frozen.json with its types; test/vectors/README.md explains each member.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Json } from '../../src/bytes/canonical-json.ts';
import type { AuthorityTable } from '../../src/envelope/authority.ts';
import type { IndexLabel } from '../../src/envelope/blind-index.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';

type Deposit = { readonly tenant: string; readonly recording: string; readonly deposit: string };
type PartPlace = Deposit & { readonly object: string; readonly part: number };

type Expansion = { readonly key: string; readonly info: string; readonly length: number; readonly out: string };
type Message = {
  readonly key: string;
  readonly context: string;
  readonly salt: string;
  readonly length: number;
  readonly sealed: number;
  readonly message?: string;
  readonly head?: string;
  readonly sha256?: string;
};
type ObjectCase = Deposit & {
  readonly data_key: string;
  readonly object: string;
  readonly size: number;
  readonly salts: readonly string[];
  readonly headers: readonly string[];
  readonly sealed: number;
  readonly parts: number;
  readonly heads: string;
  readonly sha256: string;
  readonly plaintext_sha256: string;
};
type Text = { readonly label: IndexLabel; readonly text: string; readonly normalised: string; readonly index: string };
type Phone = { readonly phone: string; readonly index: string; readonly last4?: string; readonly last4_index?: string };
type Natural = {
  readonly source: string;
  readonly call_id: string;
  readonly leg: string;
  readonly value: string;
  readonly index: string;
};
type Column = {
  readonly tenant: string;
  readonly row: string;
  readonly column: string;
  readonly salt: string;
  readonly plaintext: string;
  readonly message: string;
};
type Wrapped = {
  readonly version: number;
  readonly encryption_context: Readonly<Record<string, string>>;
  readonly salt: string;
  readonly data_key: string;
  readonly wrapped: string;
};
type AuthorityCase = {
  readonly table: AuthorityTable;
  readonly row: Readonly<Record<string, string | number | null | { readonly hex: string }>>;
  readonly meaning: string;
  readonly mac: string;
};
type Blob = { readonly mac: string; readonly json: string; readonly path: string };
type TenantKek = Blob & {
  readonly id: string;
  readonly wrap: number;
  readonly key: string;
  readonly salt: string;
  readonly encryption_context: Readonly<Record<string, string>>;
  readonly wrapped: string;
  readonly envelope: string;
};
type MetadataBlob = Blob & { readonly metadata_key: string };

export type Damage =
  | { readonly op: 'flip'; readonly at: number }
  | { readonly op: 'truncate'; readonly to: number }
  | { readonly op: 'append'; readonly hex: string }
  | { readonly op: 'replace'; readonly at: number; readonly hex: string }
  | { readonly op: 'swap_chunks'; readonly a: number; readonly b: number }
  | { readonly op: 'repeat_chunk' | 'drop_chunk'; readonly chunk: number }
  | { readonly op: 'overwrite_chunk'; readonly from: number; readonly to: number };
type DamageCase = { readonly name: string; readonly how: Damage; readonly authentic: number; readonly sha256: string };

export type Frozen = {
  readonly format: string;
  readonly canonical: readonly { readonly value: Json; readonly json: string }[];
  readonly info: readonly { readonly fields: readonly string[]; readonly hex: string }[];
  readonly pattern: { readonly first64: string; readonly sha256: Readonly<Record<string, string>> };
  readonly expand: {
    readonly raw: readonly Expansion[];
    readonly data_key: string;
    readonly metadata_key: string;
    readonly object_keys: Readonly<Record<string, string>>;
    readonly index_keys: Readonly<Record<IndexLabel, string>>;
    readonly facts_key: string;
    readonly envelope_key: string;
    readonly row_key: string;
    readonly tenant_key: string;
    readonly tombstone_key: string;
  };
  readonly part_context: readonly (PartPlace & { readonly hex: string })[];
  readonly message: readonly Message[];
  readonly object: readonly ObjectCase[];
  readonly size: {
    readonly allowed: readonly { readonly size: number; readonly sealed: number; readonly parts: number }[];
    readonly too_long: readonly number[];
  };
  readonly blind_index: {
    readonly metadata_key: string;
    readonly text: readonly Text[];
    readonly phone: readonly Phone[];
    readonly natural: readonly Natural[];
    readonly idempotency: readonly { readonly key: string; readonly index: string }[];
  };
  readonly row: { readonly metadata_key: string; readonly columns: readonly Column[] };
  readonly authority: { readonly metadata_key: string; readonly rows: readonly AuthorityCase[] };
  readonly facts: Deposit & {
    readonly data_key: string;
    readonly json: string;
    readonly salt: string;
    readonly sealed: string;
  };
  readonly envelope: Blob & {
    readonly data_key: string;
    readonly rewrapped: string;
    readonly refused: readonly { readonly name: string; readonly json: string }[];
  };
  readonly tenant_json: MetadataBlob & { readonly rewrapped: string };
  readonly tombstone: MetadataBlob;
  readonly tenant_kek: {
    readonly metadata_key: string;
    readonly data_key: string;
    readonly keks: readonly TenantKek[];
    readonly refused: readonly { readonly name: string; readonly json: string }[];
    readonly refused_tenant_json: string;
  };
  readonly keyring: {
    readonly root: string;
    readonly id: string;
    readonly versions: readonly {
      readonly n: number;
      readonly key: string;
      readonly salt: string;
      readonly context: string;
    }[];
    readonly json: string;
    readonly wrapped: readonly Wrapped[];
  };
  readonly damage: PartPlace & {
    readonly data_key: string;
    readonly salt: string;
    readonly context: string;
    readonly object_key: string;
    readonly size: number;
    readonly sealed: number;
    readonly sha256: string;
    readonly chunks: readonly number[];
    readonly cases: readonly DamageCase[];
    readonly elsewhere: readonly { readonly name: string; readonly key: string; readonly context: string }[];
  };
};

export const frozen: Frozen = JSON.parse(readFileSync(new URL('../vectors/frozen.json', import.meta.url), 'utf8'));

export const hex = (text: string): Buffer => Buffer.from(text, 'hex');
export const keyFrom = (text: string): SecretKey => new SecretKey(hex(text));

let made = Buffer.alloc(0);

/** The vectors' long plaintext: byte i is SHA-256("callvault pattern", uint32be(i div 32))[i mod 32]. */
export function patternOf(length: number): Buffer {
  const have = made.length / 32;
  const blocks = Array.from({ length: Math.max(Math.ceil(length / 32) - have, 0) }, (_, block) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(have + block);
    return createHash('sha256').update('callvault pattern').update(counter).digest();
  });
  if (blocks.length > 0) made = Buffer.concat([made, ...blocks]);
  return made.subarray(0, length);
}
