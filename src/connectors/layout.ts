// What a connector makes of a file: the call that it belongs to, in the shared form of metadata, or why it is not understood.
import { isObject } from '../bytes/json-object.ts';
import { ROUNDED_ADVICE } from '../model/csv.ts';

/** Metadata of a call: the body of `POST /v1/recordings` without `source`. The vault validates the values. */
export type CallMetadata = {
  readonly call_id: string;
  readonly leg?: string;
  readonly started_at?: string;
  readonly direction?: string;
  readonly from?: string;
  readonly to?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly ticket?: string;
  readonly file_name?: string;
  readonly language?: string;
  readonly sensitivity?: string;
  readonly notes?: string;
  readonly interaction?: string;
  readonly wrap_up?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly pauses?: readonly unknown[];
  readonly basis?: Readonly<Record<string, unknown>>;
};

/** The call of a recording: with the source its natural key. */
export type CallKey = { readonly callId: string; readonly leg: string };

/** A file that is understood: a recording with what is known of its call, or a transcript of one. */
export type Understood =
  | { readonly key: CallKey; readonly metadata: CallMetadata; readonly audio: string }
  | { readonly key: CallKey; readonly transcript: { readonly path: string; readonly language: string } };

/** Why a file is not imported. */
export const NOT_UNDERSTOOD = {
  'not-a-recording': 'the file is no recording and no transcript of one',
  'no-metadata': 'the file with its metadata is missing',
  'metadata-unreadable': 'its metadata is not JSON of the expected form',
  'metadata-differs': 'its metadata names another recording',
  'no-call-id': 'nothing names the call',
  'no-recording': 'it belongs to a call without a recording in this folder',
  'not-audio': 'it is a recording of a screen or of messages',
  'a-link': 'it is a link, which is not followed',
  'redacted-copy': 'it is a redacted copy of another file',
  'no-language': 'the transcript does not name its language',
  'file-missing': 'the manifest names a file that is not in the folder',
  'not-in-manifest': 'no row of the manifest names it',
  'rounded-number': `a call_id or number ${ROUNDED_ADVICE}`,
  'named-twice': 'two rows of the manifest name it',
} as const;

export type NotUnderstood = { readonly why: keyof typeof NOT_UNDERSTOOD };
export type Reading = Understood | NotUnderstood;

/**
 * What a file is. `metadata` is read with its recording, which must be in the folder; `beside` files may also be of calls
 * without a recording.
 */
export type FileRole = 'recording' | 'transcript' | 'metadata' | 'beside';

/** The files of a platform's export, as it stores them in folders. Paths are relative, with `/`. */
export type Layout = {
  readonly roleOf: (path: string) => FileRole | NotUnderstood;
  /** Files to read for a recording or transcript, in the order in which they are tried; they need not exist. */
  readonly besideOf: (path: string) => readonly string[];
  /** `texts` has what was found of `besideOf`, in that order. */
  readonly read: (path: string, texts: ReadonlyMap<string, string>) => Reading;
};

const AUDIO = /\.(?:wav|wave|mp3|ogg|oga|opus|flac|m4a|mp4)$/i;

/** Whether a file's name is one of audio. */
export function isAudio(path: string): boolean {
  return AUDIO.test(path);
}

/** The last part of a path. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A path without the ending of its file, such as `.wav`. */
export function withoutEnding(path: string): string {
  return path.replace(/\.[^./]*$/, '');
}

/** Metadata without members that are absent or empty. */
export function metadataOf(
  given: {
    readonly [name in keyof CallMetadata]?: CallMetadata[name] | undefined;
  },
): CallMetadata {
  const known = Object.entries(given).filter(
    ([, value]) => value !== undefined && value !== '' && !isEmptyObject(value),
  );
  return Object.fromEntries(known) as unknown as CallMetadata;
}

function isEmptyObject(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** A recording and the key that its metadata name. */
export function recordingOf(audio: string, metadata: CallMetadata): Understood {
  return { key: { callId: metadata.call_id, leg: metadata.leg ?? '0' }, metadata, audio };
}
