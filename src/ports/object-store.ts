// Port: the object store. Names are relative to the tenant's location.
import type { StoreLocation } from '../model/tenant.ts';

export type Wait = {
  readonly signal: AbortSignal;
  /** The tenant that the work is for: its log says what time it is. Without one, that of the deployment. */
  readonly tenant?: string;
};

/** A blob's size in bytes, and its exact version where the store has versions. */
export type BlobInfo = { readonly size: number; readonly version: string | null };

/** A small blob, and the tag that identifies this version of it. */
export type TaggedBlob = { readonly bytes: Buffer; readonly tag: string };

/** A listed blob with its size in bytes. */
export type ListedBlob = { readonly path: string; readonly size: number };

/** An open multipart upload. */
export type OpenUpload = { readonly path: string; readonly uploadId: string };

/** A listed upload, with the time when it began: milliseconds since 1970 by the store's clock. */
export type ListedUpload = OpenUpload & { readonly begun: number };

/**
 * Every write carries the operation's nonce: if its acknowledgement is lost, the retry finds its own blob by the nonce
 * and succeeds. All methods throw `store_unavailable` for conditions that may pass (network, full disk, permission).
 */
export type ObjectStore = {
  /**
   * Whether a settled write no longer reads its bytes. Where this is false (an early answer may leave a request unsent in
   * its socket), the caller must not reuse their memory.
   */
  readonly releasesBuffer: boolean;
  /** How long after its process has ended a write may still take effect. */
  readonly lingerMs: number;
  /** Creates a blob. Throws `blob_exists` where another operation's blob has the name. */
  readonly put: (place: StoreLocation, path: string, bytes: Uint8Array, op: string, wait: Wait) => Promise<void>;
  /** Reads a whole small blob; null where there is none. Throws `malformed` over `most` bytes. */
  readonly get: (place: StoreLocation, path: string, most: number, wait: Wait) => Promise<TaggedBlob | null>;
  /**
   * Replaces a blob if it still has the tag that `get` returned. False where it has another or was deleted: nothing is
   * changed then. Repeating the same operation finds its own blob and returns true.
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
   * is deleted during the read; for a blob that is too short the stream ends early. A piece may be used until the next one
   * is requested: then its memory is reused.
   */
  readonly read: (
    place: StoreLocation,
    path: string,
    start: number,
    end: number,
    wait: Wait,
  ) => AsyncIterable<Uint8Array>;
  /** Size and version; null where there is no blob. */
  readonly head: (place: StoreLocation, path: string, wait: Wait) => Promise<BlobInfo | null>;
  /**
   * All blobs whose path has this prefix, in no order; with `after`, only paths that come after it by their bytes. Those
   * before it cost nothing.
   */
  readonly list: (
    place: StoreLocation,
    prefix: string,
    wait: Wait & { readonly after?: string },
  ) => AsyncIterable<ListedBlob>;
  /** The first names in a folder, whose path ends with a slash, by their bytes: at most `most`. */
  readonly first: (place: StoreLocation, folder: string, most: number, wait: Wait) => Promise<string[]>;
  /** Deletes every version of a blob; a missing blob is not an error. */
  readonly delete: (place: StoreLocation, path: string, wait: Wait) => Promise<void>;
  /** Deletes every version of all blobs whose path has this prefix, also of those that a delete marker hides from `list`. */
  readonly deleteUnder: (place: StoreLocation, prefix: string, wait: Wait) => Promise<void>;
  /** Begins a multipart upload and returns its id. */
  readonly beginUpload: (place: StoreLocation, path: string, op: string, wait: Wait) => Promise<string>;
  /** Stores part `number` (from 0) and returns its receipt. Repeating it replaces the part. */
  readonly putPart: (
    place: StoreLocation,
    upload: OpenUpload,
    number: number,
    sealed: Uint8Array,
    wait: Wait,
  ) => Promise<string>;
  /**
   * Completes an upload from the parts with these receipts, in order. Throws `blob_missing` where the upload or a part is
   * missing, `blob_exists` where another operation's blob has the name.
   */
  readonly completeUpload: (
    place: StoreLocation,
    upload: OpenUpload,
    receipts: readonly string[],
    op: string,
    wait: Wait,
  ) => Promise<void>;
  /** Aborts an upload; a missing one is not an error. */
  readonly abortUpload: (place: StoreLocation, upload: OpenUpload, wait: Wait) => Promise<void>;
  /** All open uploads of the location. */
  readonly listUploads: (place: StoreLocation, wait: Wait) => AsyncIterable<ListedUpload>;
};
