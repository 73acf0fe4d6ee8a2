// Amendments as typed data: what the body of an entry says, by the kind of its subject and its op (docs/format.md).
import type { Json } from '../../bytes/canonical-json.ts';
import type { CommentCategory, CommentVisibility } from '../comment.ts';

/** An object of JSON. */
export type JsonObject = { readonly [name: string]: Json };

/** An RFC 7396 merge patch of an object: null removes a member. */
export type Patch = JsonObject;

/** Facts that no amendment sets: the call's identity, what the audio says, and who set what before the first deposit. */
export const NEVER_SET: readonly string[] = 'v source call_id leg duration_ms channels sha256 set_by'.split(' ');

/** What every body says: the change's event action, and the id of its actor. */
type Said<Op extends string> = { readonly v: 1; readonly op: Op; readonly why: string; readonly by: string };

/** A blind index by its label; `value` is base64 of 16 bytes. */
export type LabelledIndex = { readonly label: string; readonly value: string };

/** A change of a recording's facts; `as_of` is when it became true, absent where that is the entry's time. */
export type FactsAmendment = Said<'facts'> & { readonly set: Patch; readonly as_of?: string };

/** A comment after its change. */
export type CommentAmendment = Said<'comment'> & {
  readonly id: string;
  readonly version: number;
  readonly author: string;
  readonly start_ms: number;
  readonly end_ms?: number;
  readonly category: CommentCategory;
  readonly visibility: CommentVisibility;
  readonly created: string;
  readonly edited?: string;
  readonly text: string;
};

/** A comment's removal: nothing personal stays in the newest entry. */
export type CommentRemoval = Said<'comment'> & { readonly id: string; readonly version: number };

/** What a legal hold covers by rule. */
export type HoldScope = {
  readonly from?: string;
  readonly to?: string;
  readonly direction?: 'inbound' | 'outbound' | 'internal';
  readonly language?: string;
  readonly indexes?: readonly LabelledIndex[];
};

/** A legal hold; without `scope` it covers a list. */
export type HoldAmendment = Said<'hold'> & {
  readonly reference: string;
  readonly title: string;
  readonly continuing: boolean;
  readonly review: string;
  readonly scope?: HoldScope;
};

/** Recordings that a hold covers from now on. */
export type CoverAmendment = Said<'cover'> & { readonly recordings: readonly string[] };

/** Recordings that a hold covers no longer; without `recordings` the hold ends. */
export type LiftAmendment = Said<'lift'> & { readonly recordings?: readonly string[] };

/** A change of a tenant's settings. */
export type SettingsAmendment = Said<'settings'> & { readonly set: Patch };

/** A version of a tenant's retention rules or of its access policy, whole. */
export type RulesAmendment = Said<'retention' | 'policy'> & { readonly id: string; readonly body: JsonObject };

/** A notice that callers hear. */
export type NoticeAmendment = Said<'notice'> & {
  readonly id: string;
  readonly version: number;
  readonly language: string;
  readonly text: string;
};

/** A withdrawn consent, of the calls with any of these indexes. */
export type WithdrawalAmendment = Said<'withdrawal'> & {
  readonly id: string;
  readonly indexes: readonly LabelledIndex[];
  readonly at: string;
  readonly purposes: readonly string[];
};

/** What the body of an entry says. */
export type Amendment =
  | (FactsAmendment | CommentAmendment | CommentRemoval)
  | (HoldAmendment | CoverAmendment | LiftAmendment)
  | (SettingsAmendment | RulesAmendment | NoticeAmendment | WithdrawalAmendment);

/** An entry of a stream as folds take it: when it was written, and what it says. Folds expect them in order of n. */
export type AmendmentEntry = { readonly at: string; readonly body: Amendment };
