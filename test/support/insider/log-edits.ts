// Edits of a log, its checkpoints, the store, the anchor and the clock. Long because it is one list: a function for each
// line of the table in docs/operations/verifying.md.
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leafHash, logName } from '../../../src/model/audit-event.ts';
import { checkpointText } from '../../../src/model/log/checkpoint.ts';
import { segmentName } from '../../../src/model/log/segment.ts';
import { systemActor } from '../../../src/vault/core/events/events.ts';
import { sealTenant } from '../sealed-tenant.ts';
import type { Copy } from './copies.ts';
import type { Auditor } from './finders.ts';
import { anchorFolder, byAnother, logEditor, segmentFolder, strangeSigner } from './log-editor.ts';

/** Makes an edit; returns what an auditor brings, if the edit needs that to be found. */
export type Edit = (copy: Copy) => Promise<Auditor> | Promise<void>;
export type Edits = Readonly<Record<string, Edit>>;

const own = (copy: Copy) => logEditor(copy, copy.history.tenant);
const HOUR_MS = 3_600_000;

export const LOG_EDITS: Edits = {
  'An event is changed, and its hash is not': async (copy) => {
    const log = own(copy);
    const seq = await log.indexOf('session.opened');
    const { leaf } = byAnother((await log.rows())[seq]?.leaf ?? new Uint8Array());
    await log.set(seq, { leaf });
  },
  'An event is changed together with its hash': async (copy) => {
    const log = own(copy);
    const seq = ((await log.sizes()).at(-1) ?? 0) - 2;
    await log.set(seq, byAnother((await log.rows())[seq]?.leaf ?? new Uint8Array()));
  },
  'An event that a stored tile covers is changed together with its hash': async (copy) => {
    const log = own(copy);
    const seq = await log.indexOf('service.added', 'first');
    await log.set(seq, byAnother((await log.rows())[seq]?.leaf ?? new Uint8Array()));
  },
  'The stored hash of an event is changed': async (copy) => {
    const log = own(copy);
    await log.set(await log.indexOf('session.opened'), { hash: Buffer.alloc(32, 1) });
  },
  'An event is removed': async (copy) => {
    const log = own(copy);
    await log.remove(await log.indexOf('session.opened'));
  },
  'An event is removed, and the later ones are numbered and hashed again': async (copy) => {
    const log = own(copy);
    const seq = await log.indexOf('session.opened');
    await log.rewrite(seq, (await log.leaves()).slice(seq + 1));
  },
  'An event is inserted, and the later ones are numbered and hashed again': async (copy) => {
    const log = own(copy);
    const seq = await log.indexOf('access.approved');
    const rest = (await log.leaves()).slice(seq);
    await log.rewrite(seq, [
      ...rest.slice(0, 1).map((leaf) => ({ ...leaf, id: 'evt_01m8j3r6syef1s3e13g4gxtv3d' })),
      ...rest,
    ]);
  },
  'Two events change places': async (copy) => {
    const log = own(copy);
    const seq = await log.indexOf('session.opened');
    const [one, other] = (await log.rows()).slice(seq, seq + 2);
    await log.set(seq, { leaf: other?.leaf, hash: other?.hash });
    await log.set(seq + 1, { leaf: one?.leaf, hash: one?.hash });
  },
  'An event is repeated at the end': async (copy) => {
    const log = own(copy);
    const rows = await log.rows();
    await log.append(rows[await log.indexOf('session.opened')]?.leaf ?? new Uint8Array());
    await sealTenant(copy, copy.history.tenant);
  },
  'An event of another tenant is repeated at the end': async (copy) => {
    const [row] = await logEditor(copy, copy.history.suspended).rows();
    await own(copy).append(row?.leaf ?? new Uint8Array());
    await sealTenant(copy, copy.history.tenant);
  },
  'Bytes that are no event are written at the end': async (copy) => {
    await own(copy).append(Buffer.from('{"v":2}'));
    await sealTenant(copy, copy.history.tenant);
  },
  'The last events are cut off, with the size of the log': async (copy) => {
    const log = own(copy);
    const from = ((await log.sizes()).at(-1) ?? 0) - 5;
    await log.removeFrom(from);
    await log.setHead({ size: from });
  },
  'The last events are cut off, and the size stays': async (copy) => {
    const log = own(copy);
    await log.removeFrom(((await log.sizes()).at(-1) ?? 0) - 5);
  },
  'The size of the log is set higher': async (copy) => {
    const log = own(copy);
    await log.setHead({ size: (await log.size()) + 5 });
  },
  'Events that no checkpoint covers are cut off, with the size': async (copy) => {
    const log = own(copy);
    const from = (await log.sizes()).at(-1) ?? 0;
    await log.removeFrom(from);
    await log.setHead({ size: from });
    await sealTenant(copy, copy.history.tenant);
    return { receipts: copy.history.receipts };
  },
  'An event that no checkpoint covers is changed together with its hash': async (copy) => {
    const log = own(copy);
    const last = (await log.rows()).at(-1);
    if (last !== undefined) await log.set(last.seq, byAnother(last.leaf));
    await sealTenant(copy, copy.history.tenant);
    return { receipts: copy.history.receipts };
  },
  'The name of the log is changed in all of its events, with their hashes': async (copy) => {
    const log = own(copy);
    await log.rewrite(
      0,
      (await log.leaves()).map((leaf) => ({ ...leaf, log: `other.example/${copy.history.tenant}` })),
    );
  },
  'An event is written at the end with an earlier time': async (copy) => {
    const { vault, history } = copy;
    const ts = new Date(vault.clock.now() - 9 * HOUR_MS).toISOString();
    const actor = systemActor(vault.settings);
    const object = { type: 'tenant', id: history.tenant, why: 'metadata' };
    await own(copy).invent({ ts, actor, action: 'key.used', object });
    await sealTenant(copy, history.tenant);
  },
  'An approval by the requester is invented': async (copy) => {
    const request = await waiting(copy);
    const { actor, object } = request;
    await invent(copy, {
      actor,
      action: 'access.approved',
      object: { ...approval(object), grant: 'grt_01m8j3r6syef1s3e13g4gxtv3d', expires: LATER, uses: 1 },
    });
  },
  'A session without an approval is invented': async (copy) => {
    const log = own(copy);
    const opened = (await log.leaves())[await log.indexOf('session.opened')] as never as Invented;
    await invent(copy, {
      ...opened,
      object: { ...opened.object, id: 'ses_01m8j3r6syef1s3e13g4gxtv3d', grant: 'grt_01m8j3r6syef1s3e13g4gxtv3d' },
    });
  },
  'An act of a deactivated person is invented': async (copy) => {
    const log = own(copy);
    const off = (await log.leaves())[await log.indexOf('person.off')] as never as Invented;
    const request = await waiting(copy);
    await invent(copy, {
      ...request,
      actor: { ...request.actor, id: off.object['id'] } as never,
      object: { ...request.object, id: 'req_01m8j3r6syef1s3e13g4gxtv3d' },
    });
  },
  'A person is added in the log without a change of two people': async (copy) => {
    const log = own(copy);
    const added = (await log.leaves())[await log.indexOf('person.added')] as never as Invented;
    await invent(copy, { ...added, object: { ...added.object, id: 'usr_01m8j3r6syef1s3e13g4gxtv3d' } });
  },
  'The log is written again, and its tiles and seals are signed by a strange key': async (copy) => {
    await rewritten(copy);
    await own(copy).sealAgain(await strangeSigner(copy), 'database');
  },
  'The same, also in store and anchor': async (copy) => {
    await rewritten(copy);
    await own(copy).sealAgain(await strangeSigner(copy), 'everywhere');
  },
  'The log is written again everywhere, and signed by the key of the deployment': async (copy) => {
    const log = own(copy);
    const kept = String(
      (await copy.sql.all('audit_seal')).filter((row) => row['log'] === copy.history.tenant)[1]?.['note'],
    );
    await rewritten(copy);
    const { signer } = copy.vault;
    if (signer !== null) await log.sealAgain(signer, 'everywhere');
    return { kept };
  },
  'A stored tile is changed': (copy) =>
    copy.sql.set('audit_tile', { log: copy.history.tenant, level: 1 }, { hashes: Buffer.alloc(64, 1) }),
  'A stored tile is removed': (copy) => copy.sql.remove('audit_tile', { log: copy.history.tenant, level: 1 }),
  'A stored seal is changed': async (copy) => {
    const [size] = await own(copy).sizes();
    await copy.sql.set('audit_seal', { log: copy.history.tenant, size }, { note: 'none' });
  },
  'The newest segment is replaced by junk': async (copy) => {
    const { folder, history } = copy;
    await writeFile(join(segmentFolder(folder, history.tenant), await newestName(copy)), 'junk');
  },
  'The newest segment is removed': async (copy) => {
    await rm(join(segmentFolder(copy.folder, copy.history.tenant), await newestName(copy)));
  },
  'The oldest segment is removed': async (copy) => {
    const folder = segmentFolder(copy.folder, copy.history.tenant);
    await rm(join(folder, (await readdir(folder)).sort().at(-1) ?? ''));
  },
  'The oldest segment is replaced by another': async (copy) => {
    const folder = segmentFolder(copy.folder, copy.history.tenant);
    await copyFile(join(folder, await newestName(copy)), join(folder, (await readdir(folder)).sort().at(-1) ?? ''));
  },
  'A segment is copied under the name of a later one': async (copy) => {
    const folder = segmentFolder(copy.folder, copy.history.tenant);
    await copyFile(join(folder, await newestName(copy)), join(folder, segmentName(9_999)));
  },
  'The newest checkpoint of the anchor is replaced by junk': async (copy) => {
    await writeFile(join(anchored(copy), await newestName(copy)), 'junk');
  },
  'A checkpoint by a strange key is put into the anchor': async (copy) => {
    const name = logName(copy.vault.settings.origin, copy.history.tenant);
    const text = checkpointText({ log: name, size: 9_999, root: Buffer.alloc(32, 1) });
    await writeFile(join(anchored(copy), segmentName(9_999)), (await strangeSigner(copy)).sign(name, text));
  },
  'The database is behind, and its hold is ended by SQL': async (copy) => {
    const log = own(copy);
    const from = ((await log.sizes()).at(-1) ?? 0) - 5;
    await log.removeFrom(from);
    await log.setHead({ size: from, held: null, restoring: null, restored: from - 1 });
  },
  'Sealing is stopped': async (copy) => {
    Object.assign(copy.vault, { signer: null });
  },
  'The text of a policy in an export is changed': async () => ({
    edit: async (folder) => {
      const path = join(folder, 'policies');
      const file = join(path, (await readdir(path)).sort().at(-1) ?? '');
      await writeFile(file, (await readFile(file, 'utf8')).replace('"approvals":2', '"approvals":1'));
    },
  }),
};

/** Removes the newest seal from the database. */
export async function removeNewestSeal(copy: Copy): Promise<void> {
  const size = (await own(copy).sizes()).at(-1);
  await copy.sql.remove('audit_seal', { log: copy.history.tenant, size });
}

type Invented = {
  readonly actor: Readonly<Record<string, unknown>>;
  readonly action: string;
  readonly object: Readonly<Record<string, unknown>>;
};
const LATER = '2099-01-01T00:00:00.000Z';

/** Writes an event as callvault would, and lets it be sealed. */
async function invent(copy: Copy, { actor, action, object }: Invented): Promise<void> {
  await own(copy).invent({ actor, action, object });
  await sealTenant(copy, copy.history.tenant);
}

/** The last request of the history, which waits for a second approval. */
async function waiting(copy: Copy): Promise<Invented> {
  const log = own(copy);
  return (await log.leaves())[await log.indexOf('access.requested')] as never;
}

function approval({ id, recording, minutes, objects }: Invented['object']): object {
  return { id, type: 'request', recording, minutes, objects, approvals: 1 };
}

/** Another node wrote the last session. */
async function rewritten(copy: Copy): Promise<void> {
  const log = own(copy);
  const seq = await log.indexOf('session.opened');
  const stored = (await log.rows())[seq]?.leaf ?? new Uint8Array();
  const { leaf } = byAnother(stored);
  await log.set(seq, { leaf, hash: leafHash(leaf) });
}

async function newestName(copy: Copy): Promise<string> {
  return segmentName((await own(copy).sizes()).at(-1) ?? 0);
}

function anchored({ folder, vault, history }: Copy): string {
  return anchorFolder(folder, vault.settings.origin, history.tenant);
}
