// The row of an erased recording that the database does not have: its ids and its call's natural key are all that is left.
import { idTime } from '../../bytes/ids.ts';
import { NO_LIFETIME, NOT_LISTED, type Recording, UNKNOWN_PRINCIPAL } from '../../model/recording.ts';

/** The row: no principal can deposit its call again. */
export function erasedRow(
  tenant: string,
  { recording: id, natural }: { readonly recording: string; readonly natural: Uint8Array },
  state: 'ERASING' | 'ERASED',
): Recording {
  const created = new Date(idTime(id)).toISOString();
  return {
    tenant,
    id,
    state,
    version: 1,
    created,
    depositor: UNKNOWN_PRINCIPAL,
    described: false,
    natural,
    startedAt: created,
    durationMs: null,
    direction: null,
    channels: null,
    language: null,
    sensitivity: 'normal',
    retainUntil: null,
    ...NO_LIFETIME,
    ...NOT_LISTED,
    source: null,
    delayS: null,
    queue: null,
    quarantine: [],
    facts: null,
  };
}
