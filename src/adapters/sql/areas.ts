// The areas of rows over a connection.
import type { Areas, Notes, Transaction } from '../../ports/database.ts';
import { accessRows } from './access-rows.ts';
import { amendmentNotes, amendmentRows } from './amendment-rows.ts';
import { authorityRows } from './authority-rows.ts';
import { batchRows } from './batch-rows.ts';
import { changeRows } from './change-rows.ts';
import { clockNotes, clockRows } from './clock-rows.ts';
import { commentRows } from './comment-rows.ts';
import { completenessRows } from './completeness-rows.ts';
import type { Connection } from './connection.ts';
import { consentNotes, consentRows } from './consent-rows.ts';
import { depositNotes } from './deposit-notes.ts';
import { depositRows } from './deposit-rows.ts';
import { erasureNotes, erasureRows } from './erasure-rows.ts';
import { exposureRows } from './exposure-rows.ts';
import { legalHoldNotes } from './hold-notes.ts';
import { legalHoldRows } from './hold-rows.ts';
import { idempotencyNotes, idempotencyRows } from './idempotency-rows.ts';
import { indexNotes, indexRows } from './index-rows.ts';
import { ingestKeyNotes, ingestKeyRows } from './ingest-key-rows.ts';
import { logRows } from './log.ts';
import { principalRows } from './principal-rows.ts';
import { recordingNotes, recordingRows } from './recording-rows.ts';
import { holdNotes } from './repair-rows.ts';
import { replayNotes, replayRows } from './replay-rows.ts';
import { retentionNotes, retentionRows } from './retention-rows.ts';
import { sealNotes, sealRows } from './seal-rows.ts';
import { sessionNotes } from './session-notes.ts';
import { sessionRows } from './session-rows.ts';
import { signInNotes, signInRows } from './sign-in-rows.ts';
import { sourceRows } from './source-rows.ts';
import { subjectRows } from './subject-rows.ts';
import { teamRows } from './team-rows.ts';
import { tenantNotes, tenantRows } from './tenant-rows.ts';
import { windowRows } from './windows.ts';
import { wrappedKeyNotes, wrappedKeyRows } from './wrapped-key-rows.ts';

type Area = keyof Omit<Areas, 'looks'>;
type Methods<Name extends Area, Kind extends string> =
  Areas[Name] extends Readonly<Record<Kind, infer All>> ? All : unknown;

/** How each area is made. */
const AREAS: {
  readonly [Name in Area]: {
    readonly [Kind in keyof Omit<Areas[Name], 'writes'>]: (
      db: Connection,
    ) => Kind extends 'rows' ? Methods<Name, 'rows'> & Methods<Name, 'writes'> : Methods<Name, 'notes'>;
  };
} = {
  tenants: { rows: tenantRows, notes: tenantNotes },
  principals: { rows: principalRows },
  recordings: { rows: recordingRows, notes: recordingNotes },
  completeness: { rows: completenessRows },
  retention: { rows: retentionRows, notes: retentionNotes },
  indexes: { rows: indexRows, notes: indexNotes },
  deposits: { rows: depositRows, notes: depositNotes },
  wrappedKeys: { rows: wrappedKeyRows, notes: wrappedKeyNotes },
  ingestKeys: { rows: ingestKeyRows, notes: ingestKeyNotes },
  sources: { rows: sourceRows },
  access: { rows: accessRows },
  authority: { rows: authorityRows },
  sessions: { rows: sessionRows, notes: sessionNotes },
  comments: { rows: commentRows },
  amendments: { rows: amendmentRows, notes: amendmentNotes },
  consent: { rows: consentRows, notes: consentNotes },
  changes: { rows: changeRows },
  teams: { rows: teamRows },
  batches: { rows: batchRows },
  legalHolds: { rows: legalHoldRows, notes: legalHoldNotes },
  subjects: { rows: subjectRows },
  signIns: { rows: signInRows, notes: signInNotes },
  idempotency: { rows: idempotencyRows, notes: idempotencyNotes },
  log: { rows: logRows },
  seals: { rows: sealRows, notes: sealNotes },
  exposure: { rows: exposureRows },
  erasures: { rows: erasureRows, notes: erasureNotes },
  replays: { rows: replayRows, notes: replayNotes },
  windows: { rows: windowRows, notes: countedWindows },
  clocks: { rows: clockRows, notes: clockNotes },
  holds: { notes: holdNotes },
};

function countedWindows(db: Connection): Notes['windows'] {
  const { increment, forget } = windowRows(db);
  return { increment, forget };
}

type Made = { readonly rows: Omit<Transaction, 'now' | 'looks'>; readonly notes: Notes };

/** The row methods of a connection are made once: making them costs more than most queries. */
const madeByConnection = new WeakMap<Connection, Made>();

/** What each area reads and writes by a connection. `rows` has the writes too; a read only offers the others. */
export function areasOf(db: Connection): Made {
  const known = madeByConnection.get(db);
  if (known !== undefined) return known;
  const of = (kind: 'rows' | 'notes') =>
    Object.fromEntries(
      Object.entries(AREAS as Readonly<Record<string, Readonly<Record<string, (db: Connection) => unknown>>>>).flatMap(
        ([name, make]) => (make[kind] === undefined ? [] : [[name, make[kind](db)]]),
      ),
    );
  const made = { rows: of('rows'), notes: of('notes') } as Made;
  madeByConnection.set(db, made);
  return made;
}
