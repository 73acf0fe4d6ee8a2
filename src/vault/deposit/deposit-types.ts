// What one deposit carries along from its first byte to its end.
import type { Actor, Receipt } from '../../model/audit-event.ts';
import type { Metadata } from '../../model/facts.ts';
import type { Caller } from '../../model/principal.ts';
import type { Deposit } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import type { MadeKey } from '../core/wrapped-keys/data-keys.ts';
import type { BodyFacts, WatchedBody } from './upload-bytes.ts';

/** Which recording a body is for: by the call's natural key (one-line ingest), or described before. */
export type DepositTarget = { readonly metadata: Metadata } | { readonly recording: string };

/** Who puts what in, and the bytes as they come. `type` is the media type without parameters. */
export type IncomingDeposit = {
  readonly by: Caller;
  readonly tenant: Tenant;
  readonly target: DepositTarget;
  readonly name: string;
  readonly type: string;
  readonly body: WatchedBody;
};

/** With ids of its own and a data key: the key's context names both ids, so they come before the claim. */
export type KeyedDeposit = IncomingDeposit & {
  readonly recording: string;
  readonly deposit: string;
  readonly key: MadeKey;
};

/** Claimed: its row is there, under this process's lease. */
export type ClaimedDeposit = Pick<IncomingDeposit, 'tenant' | 'type' | 'body'> & {
  readonly by: Actor;
  readonly key: MadeKey;
  readonly row: Deposit;
  /** What must hold where it commits, beside the tenant being active. Throws where it does not. */
  readonly mayCommit: (tx: Transaction) => Promise<void>;
  /** The facts of its envelope: made of the recording's, and of what the bytes told. */
  readonly factsFrom: (said: Readonly<Record<string, unknown>>, learnt: BodyFacts) => object;
};

/** What an uploader is told. `created` is false for the same bytes again. */
export type DepositResult = {
  readonly recording: string;
  readonly deposit: string;
  readonly object: string;
  readonly size: number;
  readonly sha256: string;
  readonly created: boolean;
  readonly receipt: Receipt | undefined;
};
