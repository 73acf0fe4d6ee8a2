// Counters and alarms of a running relay. Nothing in them names a call, a number or a file.
import type { Log } from './ports.ts';

/** What needs a person, in the words of `callvault relay status`. */
export const ALARMS = {
  spool_full: 'the spool or its disk is full: calls stay unsealed in the PBX folder',
  write_failed: 'the spool cannot be written',
  upload_failed: 'sealed files cannot be read or deleted: the permissions of the spool, or its disk',
  folder_unreadable: 'a PBX folder cannot be read',
  folder_too_deep: 'a folder is more than eight levels deep: its calls are not sealed',
  cannot_delete: 'plaintext cannot be deleted: the relay may not rename and delete in a PBX folder',
  no_key: 'there is no ingest key to seal with',
  key_changed: 'the vault names another ingest key: a person must accept it',
  key_untrusted: 'the vault sent an ingest key without a valid signature of the pinned signer',
  credential_denied: 'the vault denies the credential',
  unreachable: 'the vault cannot be reached, or takes no uploads now',
  key_unknown: 'the vault does not know the ingest key that calls are sealed to',
  confirmation_differs: 'the vault confirmed other bytes than were sealed',
  waiting_long: 'a sealed call has waited for too long',
  rejected: 'the vault rejected calls',
  sidecar_invalid: 'sidecars are not valid',
  sidecar_alone: 'sidecars have no audio',
  no_facts: 'audio has neither a sidecar nor a file name that gives its call id',
  call_unreadable: 'calls cannot be read: the relay may not open them, or the disk fails',
  audio_empty: 'audio files are empty',
  audio_too_large: 'audio files are larger than a vault accepts',
  audio_changing: 'audio files changed while they were sealed',
  name_taken: 'several audio files share a sidecar, or a name is too long or not UTF-8',
} as const;

export type Alarm = keyof typeof ALARMS;

/** What the relay shows of itself. Times are in milliseconds since 1970. */
export type RelayState = {
  /** Sets an alarm to a count; 0 clears it. */
  readonly alarm: (alarm: Alarm, count: number) => void;
  readonly alarms: () => Readonly<Partial<Record<Alarm, number>>>;
  readonly count: (counter: Counter, by?: number) => void;
  readonly counters: () => Readonly<Record<Counter, number>>;
  readonly setWaiting: (calls: number, bytes: number) => void;
  readonly waiting: () => { readonly calls: number; readonly bytes: number };
  readonly setUploaded: (at: number) => void;
  readonly lastUpload: () => number | null;
};

export type Counter = 'sealed' | 'uploaded' | 'uploaded_bytes' | 'rejected' | 'attempts_failed' | 'started_over';

/** State without alarms. Changes of alarms are logged. */
export function newState(log: Log): RelayState {
  const alarms = new Map<Alarm, number>();
  const counters: Record<Counter, number> = {
    sealed: 0,
    uploaded: 0,
    uploaded_bytes: 0,
    rejected: 0,
    attempts_failed: 0,
    started_over: 0,
  };
  let waiting = { calls: 0, bytes: 0 };
  let uploaded: number | null = null;
  return {
    alarm: (alarm, count) => {
      const before = alarms.get(alarm) ?? 0;
      if (count === before) return;
      if (count > 0) alarms.set(alarm, count);
      else alarms.delete(alarm);
      if (count === 0) log('alarm ended', { alarm });
      else log('alarm', { alarm, count, meaning: ALARMS[alarm] });
    },
    alarms: () => Object.fromEntries(alarms) as Partial<Record<Alarm, number>>,
    count: (counter, by = 1) => {
      counters[counter] += by;
    },
    counters: () => ({ ...counters }),
    setWaiting: (calls, bytes) => {
      waiting = { calls, bytes };
    },
    waiting: () => waiting,
    setUploaded: (at) => {
      uploaded = at;
    },
    lastUpload: () => uploaded,
  };
}
