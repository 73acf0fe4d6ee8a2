// The types of a deposit, from the first byte to the last event.
import type { KeptFact } from '../../model/accepted-facts.ts';
import type { Actor, Receipt } from '../../model/audit-event.ts';
import type { Metadata } from '../../model/facts.ts';
import type { Caller } from '../../model/principal.ts';
import type { Deposit, ObjectRow, PartRow } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import type { MadeKey } from '../core/wrapped-keys/data-keys.ts';
import type { BodyFacts, WatchedBody } from './upload-bytes.ts';

/**
 * The recording that a body belongs to: by the call's natural key (one-line ingest), or by the id of one described
 * before.
 */
export type DepositTarget = { readonly metadata: Metadata } | { readonly recording: string };

/** An upload: who uploads what, and the bytes as they arrive. `type` is the media type without parameters. */
export type IncomingDeposit = {
  readonly by: Caller;
  readonly tenant: Tenant;
  readonly target: DepositTarget;
  readonly name: string;
  readonly type: string;
  readonly body: WatchedBody;
};

/** An upload with new ids and a data key: the key's context names both ids, so they exist before the claim. */
export type KeyedDeposit = IncomingDeposit & {
  readonly recording: string;
  readonly deposit: string;
  readonly key: MadeKey;
};

/** What a depositor adds to a deposit. */
export type DepositRules = {
  /** Checks at commit, beyond the tenant being active. Throws where the deposit may not commit. */
  readonly mayCommit: (tx: Transaction) => Promise<void>;
  /** The facts for the envelope: the recording's facts, and those measured from the bytes. */
  readonly factsFrom: (recordingFacts: Readonly<Record<string, unknown>>, measured: BodyFacts) => object;
};

/** A claimed upload: its row exists, under this process's lease. */
export type ClaimedDeposit = Pick<IncomingDeposit, 'tenant' | 'type' | 'body'> &
  DepositRules & {
    readonly by: Actor;
    readonly key: MadeKey;
    readonly row: Deposit;
  };

/** The rows of a deposit's objects, its own first, and of the parts of that one. */
export type ObjectRows = { readonly objects: readonly ObjectRow[]; readonly parts: readonly PartRow[] };

/** The result of an upload. `created` is false where the same bytes were deposited before. */
export type DepositResult = {
  readonly recording: string;
  readonly deposit: string;
  readonly object: string;
  readonly size: number;
  readonly sha256: string;
  /** Metadata of the upload that the recording did not take; absent where it took all. */
  readonly kept?: readonly KeptFact[];
  readonly created: boolean;
  readonly receipt: Receipt | undefined;
};
