// Certificates of erasure: what was erased, why and when, as the text of a signed note under the tenant's log name.
import { base64Of, bytesOfBase64 } from '../base64.ts';
import { isTime } from '../form.ts';

/** The first line. */
export const CERTIFICATE_FORMAT = 'callvault/erasure@v1';

const REASONS = ['request', 'retention', 'court-order', 'error'] as const;

/** What a database did with the deleted keys in its own files, the strongest first. */
export const DATABASE_STATES = ['overwritten', 'freed', 'freed-wal-kept', 'kept-until-vacuum'] as const;

/** Why recordings were erased. */
export type CertifiedReason = (typeof REASONS)[number];
export type DatabaseState = (typeof DATABASE_STATES)[number];

/** An event of the tenant's log: its index, and the exact bytes of its leaf. */
export type CertifiedEvent = { readonly seq: number; readonly leaf: Uint8Array };

/** An erased recording: when its call began, when its keys were destroyed, and when nothing of it was left. UTC. */
export type CertifiedErasure = {
  readonly recording: string;
  readonly began: string;
  readonly destroyed: string;
  readonly gone: string;
};

/** A recording that stays: until a time by a rule, or as long as a legal hold lasts. */
export type CertifiedStay =
  | { readonly recording: string; readonly held: true }
  | { readonly recording: string; readonly held: false; readonly until: string; readonly rule: string };

export type Certificate = {
  /** The tenant's log: `<origin>/<ten_>`. */
  readonly log: string;
  readonly reason: CertifiedReason;
  /** The subject request, retention rules or change behind the events; null where they name none. */
  readonly cause: string | null;
  /** Each a `recording.erasing`; one at least, by index. */
  readonly events: readonly CertifiedEvent[];
  /** Each a `clock.corrected` after them: times later than its own are of a wrong clock. By index. */
  readonly corrections: readonly CertifiedEvent[];
  /** One at least, by recording. */
  readonly erased: readonly CertifiedErasure[];
  /** By recording. */
  readonly stays: readonly CertifiedStay[];
  readonly database: DatabaseState;
  /** The last day, YYYY-MM-DD in UTC, on which a backup may still have the keys; null where the deployment does not say. */
  readonly backups: string | null;
  readonly issued: string;
};

/** Which line of a certificate's text, from 1 on, is not what it must be. */
export type CertificateFault = { readonly code: FormCode; readonly line: number };

/** The line that is wrong, by what it must be; `order`: entries are not ascending, or one is repeated; `end`: more text. */
export type FormCode =
  | (
      | 'format'
      | 'log'
      | 'reason'
      | 'event'
      | 'corrected'
      | 'erased'
      | 'stays'
      | 'database'
      | 'backups'
      | 'issued'
      | 'end'
    )
  | 'order';

/** What the text of a certificate says, or its first fault. */
export type ReadCertificate =
  | { readonly certificate: Certificate; readonly fault: null }
  | { readonly certificate: null; readonly fault: CertificateFault };

/** The lines before the first event. */
export const LINES_BEFORE_EVENTS = 3;

const ID = '[0-7][0-9a-hjkmnp-tv-z]{25}';
const TIME = '(\\S{24})';
const LOG = new RegExp(`^[a-z0-9][a-z0-9.-]{0,99}/ten_${ID}$`);
const REASON = new RegExp(`^reason (${REASONS.join('|')})(?: ((?:sub|ret|chg)_${ID}))?$`);
const EVENT = /^event (0|[1-9]\d{0,14}) ([A-Za-z0-9+/=]+)$/;
const CORRECTED = /^corrected (0|[1-9]\d{0,14}) ([A-Za-z0-9+/=]+)$/;
const ERASED = new RegExp(`^erased (rec_${ID}) ${TIME} ${TIME} ${TIME}$`);
const KEPT = new RegExp(`^kept (rec_${ID}) ${TIME} ([a-z0-9][a-z0-9_-]{0,63})$`);
const HELD = new RegExp(`^held (rec_${ID})$`);
const DATABASE = new RegExp(`^database (${DATABASE_STATES.join('|')})$`);
const BACKUPS = /^backups (unknown|\d{4}-\d\d-\d\d)$/;
const ISSUED = new RegExp(`^issued ${TIME}$`);

/** The text of a certificate. Its values must be of their forms: `readCertificate` reads it back then. */
export function writeCertificate(certificate: Certificate): string {
  const { log, reason, cause, events, corrections, erased, stays, database, backups, issued } = certificate;
  const lines = [
    CERTIFICATE_FORMAT,
    log,
    cause === null ? `reason ${reason}` : `reason ${reason} ${cause}`,
    ...events.map(({ seq, leaf }) => `event ${seq} ${base64Of(leaf)}`),
    ...corrections.map(({ seq, leaf }) => `corrected ${seq} ${base64Of(leaf)}`),
    ...erased.map(({ recording, began, destroyed, gone }) => `erased ${recording} ${began} ${destroyed} ${gone}`),
    ...stays.map((stay) =>
      stay.held ? `held ${stay.recording}` : `kept ${stay.recording} ${stay.until} ${stay.rule}`,
    ),
    `database ${database}`,
    `backups ${backups ?? 'unknown'}`,
    `issued ${issued}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

class FormError extends Error {
  readonly fault: CertificateFault;
  constructor(fault: CertificateFault) {
    super(fault.code);
    this.fault = fault;
  }
}

/** Reads the text of a certificate. Every line must be as `writeCertificate` writes it, and nothing may follow. */
export function readCertificate(text: string): ReadCertificate {
  try {
    return { certificate: parse(text), fault: null };
  } catch (error) {
    if (error instanceof FormError) return { certificate: null, fault: error.fault };
    throw error;
  }
}

function parse(text: string): Certificate {
  const lines = linesOf(text);
  lines.one('format', new RegExp(`^${CERTIFICATE_FORMAT}$`));
  const [log = ''] = lines.one('log', LOG);
  const [, reason, cause = null] = lines.one('reason', REASON) as [string, CertifiedReason, string | undefined];
  const events = lines.some('event', [EVENT], readEvent);
  const corrections = lines.any('corrected', [CORRECTED], readEvent);
  for (const all of [events, corrections])
    lines.ascending(all.map(({ line, of }) => ({ line, key: String(of.seq).padStart(15, '0') })));
  const erased = lines.some('erased', [ERASED], ([, recording = '', began = '', destroyed = '', gone = '']) =>
    [began, destroyed, gone].every(isTime) ? { recording, began, destroyed, gone } : null,
  );
  lines.ascending(erased.map(({ line, of }) => ({ line, key: of.recording })));
  const stays = lines.any('stays', [KEPT, HELD], ([, recording = '', until, rule]): CertifiedStay | null => {
    if (until === undefined || rule === undefined) return { recording, held: true };
    return isTime(until) ? { recording, held: false, until, rule } : null;
  });
  lines.ascending(stays.map(({ line, of }) => ({ line, key: of.recording })));
  const [, database] = lines.one('database', DATABASE) as [string, DatabaseState];
  const [, day = ''] = lines.one('backups', BACKUPS, ([, value = '']) => value === 'unknown' || isDay(value));
  const [, issued = ''] = lines.one('issued', ISSUED, ([, value = '']) => isTime(value));
  lines.end();
  const of = <T>(read: readonly { readonly of: T }[]): T[] => read.map((one) => one.of);
  return {
    ...{ log, reason, cause, events: of(events), corrections: of(corrections), erased: of(erased), stays: of(stays) },
    ...{ database, backups: day === 'unknown' ? null : day, issued },
  };
}

function readEvent([, seq = '', base64 = '']: readonly string[]): CertifiedEvent | null {
  const leaf = bytesOfBase64(base64);
  return leaf === null ? null : { seq: Number(seq), leaf };
}

type Read<T> = { readonly line: number; readonly of: T };

/** The lines of a text, read one after another; each method throws a FormError about the line that is wrong. */
function linesOf(text: string) {
  const all = text.split('\n');
  let at = 0;
  const fail = (code: FormCode, line = at + 1): never => {
    throw new FormError({ code, line });
  };
  const any = <T>(code: FormCode, forms: readonly RegExp[], of: (found: readonly string[]) => T | null): Read<T>[] => {
    const read: Read<T>[] = [];
    for (;;) {
      const found = forms.map((form) => form.exec(all[at] ?? '')).find((match) => match !== null);
      if (found === undefined) return read;
      const value = of(found) ?? fail(code);
      at++;
      read.push({ line: at, of: value });
    }
  };
  return {
    one: (code: FormCode, form: RegExp, isRight: (found: readonly string[]) => boolean = () => true): string[] => {
      const found = form.exec(all[at] ?? '');
      if (found === null || !isRight(found)) return fail(code);
      at++;
      return found;
    },
    any,
    some: <T>(...args: Parameters<typeof any<T>>): Read<T>[] => {
      const read = any<T>(...args);
      return read.length > 0 ? read : fail(args[0]);
    },
    ascending: (keys: readonly { readonly line: number; readonly key: string }[]): void => {
      const wrong = keys.find(({ key }, n) => n > 0 && (keys[n - 1]?.key ?? '') >= key);
      if (wrong !== undefined) fail('order', wrong.line);
    },
    end: (): void => {
      if (at !== all.length - 1 || all[at] !== '') fail('end');
    },
  };
}

/** Whether a text of this form is a day that exists. */
function isDay(text: string): boolean {
  return isTime(`${text}T00:00:00.000Z`);
}
