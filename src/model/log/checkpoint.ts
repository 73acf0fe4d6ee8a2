// Checkpoints: the name, size and root of a log, as the text that is signed (C2SP tlog-checkpoint).
import { base64Of, bytesOfBase64 } from './base64.ts';

/** The state of a log at one size. `log`: its name. `root`: 32 bytes. */
export type Checkpoint = { readonly log: string; readonly size: number; readonly root: Uint8Array };

/** The largest size that the names of segments and checkpoints have digits for. */
export const MOST_EVENTS = 999_999_999_999_999;

/** The text of a checkpoint: three lines. */
export function checkpointText({ log, size, root }: Checkpoint): string {
  return `${log}\n${size}\n${base64Of(root)}\n`;
}

/** The checkpoint of a text; null where it is none, or has further lines: callvault writes three. */
export function readCheckpoint(text: string): Checkpoint | null {
  const [log = '', digits = '', base64 = '', ...rest] = text.split('\n');
  const root = bytesOfBase64(base64);
  const size = Number(digits);
  if (log === '' || !/^(0|[1-9]\d{0,14})$/.test(digits) || root?.length !== 32) return null;
  return rest.length === 1 && rest[0] === '' ? { log, size, root } : null;
}
