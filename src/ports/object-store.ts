// What the vault needs of an object store. Names are relative to the tenant's place.
import type { StoreLocation } from '../model/tenant.ts';

export type Wait = { readonly signal: AbortSignal };

/** A blob's size in bytes, and its exact version where the store has versions. */
export type BlobInfo = { readonly size: number; readonly version: string | null };

/** A small blob, and the tag that tells this version of it from any other. */
export type TaggedBlob = { readonly bytes: Buffer; readonly tag: string };

/** A blob as a list tells it; its size in bytes. */
export type ListedBlob = { readonly path: string; readonly size: number };

/** An upload in parts that the store still holds open. */
export type OpenUpload = { readonly path: string; readonly uploadId: string };

/** The same as a list tells it, with the time it was begun: milliseconds since 1970 by the store's clock. */
export type ListedUpload = OpenUpload & { readonly begun: number };

/**
 * Every write carries the operation's nonce: a write whose acknowledgement was lost meets its own blob, recognises the
 * nonce and succeeds. All methods throw `store_unavailable` for what may pass (network, full disk, refused permission).
 */
export type ObjectStore = {
  /**
   * Whether a write has let go of its bytes for good once it has settled. Where it has not (an early answer may leave a
   * request unsent in its socket), their memory must not be given to anything else.
   */
  readonly releasesBuffer: boolean;
  /** Creates a blob. Throws `blob_exists` where another operation's blob has the name. */
  readonly put: (place: StoreLocation, path: string, bytes: Uint8Array, op: string, wait: Wait) => Promise<void>;
  /** The whole of a small blob, or null where there is none. Throws `malformed` over `most` bytes. */
  readonly get: (place: StoreLocation, path: string, most: number, wait: Wait) => Promise<TaggedBlob | null>;
  /**
   * Replaces a blob if it is still the one that `get` gave this tag. False where it is another one or gone: nothing is
   * changed then. The same operation again finds its own blob, and returns true.
   */
  readonly replace: (
    place: StoreLocation,
    path: string,
    bytes: Uint8Array,
    tag: string,
    op: string,
    wait: Wait,
  ) => Promise<boolean>;
  /**
   * Bytes from `start` to before `end`, all of one version of the blob. Throws `blob_missing`, also where that version
   * goes meanwhile; a blob that is too short ends early.
   */
  readonly read: (
    place: StoreLocation,
    path: string,
    start: number,
    end: number,
    wait: Wait,
  ) => AsyncIterable<Uint8Array>;
  /** Size and version, or null where there is none. */
  readonly head: (place: StoreLocation, path: string, wait: Wait) => Promise<BlobInfo | null>;
  /** All blobs whose path begins so, in no order. */
  readonly list: (place: StoreLocation, prefix: string, wait: Wait) => AsyncIterable<ListedBlob>;
  /** Deletes every version of a blob; nothing to delete is no error. */
  readonly delete: (place: StoreLocation, path: string, wait: Wait) => Promise<void>;
  /** Begins an upload in parts and returns its id. */
  readonly beginUpload: (place: StoreLocation, path: string, op: string, wait: Wait) => Promise<string>;
  /** Stores part `number` (from 0) and returns its receipt. Storing it again replaces it. */
  readonly putPart: (
    place: StoreLocation,
    upload: OpenUpload,
    number: number,
    sealed: Uint8Array,
    wait: Wait,
  ) => Promise<string>;
  /**
   * Makes the blob of the parts with these receipts, in order. Throws `blob_missing` where the upload is gone or lacks
   * one, `blob_exists` where another operation's blob has the name.
   */
  readonly completeUpload: (
    place: StoreLocation,
    upload: OpenUpload,
    receipts: readonly string[],
    op: string,
    wait: Wait,
  ) => Promise<void>;
  /** Gives an upload up; one that is gone is no error. */
  readonly abortUpload: (place: StoreLocation, upload: OpenUpload, wait: Wait) => Promise<void>;
  /** All uploads still open in the place. */
  readonly listUploads: (place: StoreLocation, wait: Wait) => AsyncIterable<ListedUpload>;
};
