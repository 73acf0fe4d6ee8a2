// Deposits of the bare minimum: one part, sealed while it arrives; two transactions around the blobs.
import { createHash } from 'node:crypto';
import { newId, newOperationNonce } from '../../../../src/bytes/ids.ts';
import { blindIndex, naturalKey, phoneLast4 } from '../../../../src/envelope/blind-index.ts';
import { sealColumn } from '../../../../src/envelope/column.ts';
import { encodeEnvelope, envelopePath } from '../../../../src/envelope/envelope.ts';
import { sealFacts } from '../../../../src/envelope/facts.ts';
import { keyContext } from '../../../../src/envelope/key-context.ts';
import { headsOf, objectKey, objectPath } from '../../../../src/envelope/object.ts';
import { openObject } from '../../../../src/envelope/open.ts';
import { sealObject } from '../../../../src/envelope/seal.ts';
import type { BareCaller } from './caller.ts';
import { requireChange } from './rows.ts';
import { type BareVault, FOREVER } from './vault.ts';

const LEASE_MS = 60_000;

/** A call that is uploaded: a fact by its name, and the audio. */
export type Upload = {
  readonly source: string;
  readonly call: string;
  readonly of: (name: string) => string;
  readonly type: string;
  readonly bytes: AsyncIterable<Buffer>;
};

/** Deposits a call, whose digest its sender may have said, and returns the JSON of its reply. */
export type Deposit = (by: BareCaller, upload: Upload, said?: { readonly sha256: string }) => Promise<object>;

/** The upload of calls. */
export function depositor(vault: BareVault): Deposit {
  const { rows, tenant, metadataKey, keys, tenantKey, append, blobs } = vault;
  const recordings = rows.prepare(`insert into recording (tenant, id, state, version, created, depositor, described,
    "natural", started_at, sensitivity, quarantine, facts) values (?, ?, 'EXPECTED', 1, ?, ?, 0, ?, ?, 'normal', '', ?)`);
  const indexes = rows.prepare(
    `insert into blind_index (tenant, recording, label, value, started_at)
    values (?, ?, ?, ?, ?) on conflict do nothing`,
  );
  const deposits = rows.prepare(`insert into deposit (tenant, id, recording, object, state, version, op, principal,
    created, lease_owner, lease_until, envelope, digest)
    values (?, ?, ?, 'audio', 'COMMITTING', 2, ?, ?, ?, ?, ?, ?, ?)`);
  const wrapped = rows.prepare(`insert into wrapped_key (tenant, deposit, scheme, key_id, wrap, wrapped, envelope_wrap)
    values (?, ?, 'keyring', ?, ?, ?, ?)`);
  const objects = rows.prepare(`insert into object (tenant, id, deposit, name, type, size, sealed, parts, heads)
    values (?, ?, ?, 'audio', ?, ?, ?, 1, ?)`);
  const available =
    rows.prepare(`update deposit set state = 'AVAILABLE', version = 3, envelope = null, lease_owner = null,
    lease_until = null, verified_at = ? where tenant = ? and id = ? and state = 'COMMITTING' and version = 2`);
  const complete = rows.prepare(
    `update recording set state = 'AVAILABLE', version = 2 where tenant = ? and id = ? and version = 1`,
  );

  return async (by, { source, call, of, type, bytes }, said) => {
    const [recording, deposit, op, now] = [newId('rec'), newId('dep'), newOperationNonce(), new Date()];
    const context = keyContext({ use: 'object', tenant, recording, deposit, wrap: tenantKey.wrap });
    const made = await keys.generateDataKey(tenantKey, context, FOREVER);
    const { dataKey } = made;
    const identity = { tenant, recording, deposit, name: 'audio' };
    const sealing = objectKey(dataKey, 'audio');
    const hash = createHash('sha256');
    const hashed = async function* (): AsyncGenerator<Buffer> {
      for await (const piece of bytes) {
        hash.update(piece);
        yield piece;
      }
    };
    try {
      const { value: part } = await sealObject(hashed(), sealing, identity, { releasesBuffer: true }).next();
      if (part?.last !== true) throw new Error('the bare minimum stores objects of one part only');
      const sha256 = hash.digest();
      if (said !== undefined && sha256.toString('hex') !== said.sha256) throw new Error('the audio has another digest');
      const { size, sealed, header } = part;
      const heads = headsOf([header]);
      const created = now.toISOString();
      const described = describe(vault.notice, of, source, call, sha256.toString('hex'));
      const key = { scheme: 'keyring', id: made.id, wrap: tenantKey.wrap, wrapped: made.wrapped } as const;
      const object = { name: 'audio', type, size, sealed: sealed.length, parts: 1, heads };
      const facts = sealFacts(dataKey, { tenant, recording, deposit }, described.facts);
      const envelope = encodeEnvelope({ ...identity, created, key, objects: [object], facts }, dataKey);
      const digest = sealColumn(metadataKey, { tenant, row: deposit, column: 'digest' }, sha256);
      const column = { tenant, row: recording, column: 'facts' };
      const row = sealColumn(metadataKey, column, Buffer.from(JSON.stringify(described.facts)));
      const natural = blindIndex(metadataKey, 'natural', naturalKey(source, call, '0'));
      const until = new Date(now.getTime() + LEASE_MS).toISOString();
      const lease = ['bare', until];
      const inserted = [
        recordings(tenant, recording, created, by.id, natural, created, row),
        ...described.indexes.map(([label, text]) =>
          indexes(tenant, recording, label, blindIndex(metadataKey, label, text), created),
        ),
        deposits(tenant, deposit, recording, op, by.id, created, ...lease, envelope, digest),
        wrapped(tenant, deposit, made.id, tenantKey.wrap, made.wrapped, tenantKey.wrap),
        objects(tenant, newId('obj'), deposit, type, size, sealed.length, heads),
      ];
      const subject = { id: deposit, object: 'audio', recording, type: 'deposit' };
      await rows.write(
        append(
          inserted,
          { action: 'recording.created', by, object: { id: recording, type: 'recording' }, recording },
          { action: 'deposit.started', by, object: subject, recording },
          { action: 'deposit.committing', by, object: { id: deposit, recording, type: 'deposit' }, recording },
        ),
      );
      const path = objectPath(identity);
      await blobs.put(path, op, sealed);
      await blobs.put(envelopePath(tenant, recording, deposit), `${op}-envelope`, envelope);
      const back = createHash('sha256');
      const stored = { ...identity, size, heads, headers: null };
      // One byte more than expected: bytes after the end are detected too.
      for await (const run of openObject(blobs.read(path, 0, sealed.length + 1), sealing, stored)) {
        for (const chunk of run) back.update(chunk);
      }
      if (!back.digest().equals(sha256)) throw new Error('other bytes were stored');
      await rows.write(
        (function* () {
          const changes = [available(new Date().toISOString(), tenant, deposit), complete(tenant, recording)];
          const answers = yield* append(changes, { action: 'deposit.available', by, object: subject, recording });
          for (const answer of answers.slice(0, changes.length)) requireChange(answer);
        })(),
      );
      return { recording, deposit, object: 'audio', size, sha256: sha256.toString('hex') };
    } finally {
      sealing.zero();
      dataKey.zero();
    }
  };
}

/** The facts of a call, members in canonical order, and what it can be searched by. */
function describe(notice: BareVault['notice'], of: Upload['of'], source: string, call: string, audio: string) {
  const [from, to, agent, queue] = [of('from'), of('to'), of('agent'), of('queue')];
  const basis = { defaulted: true, kind: 'consent', notice };
  const numbers = { from, to };
  const facts = { agent, basis, call_id: call, leg: '0', numbers, queue, sha256: { audio }, source, v: 1 };
  const ofNumber = (number: string) =>
    [
      ['phone', number],
      ['phone-last4', phoneLast4(number) ?? ''],
    ] as const;
  const texts = [['agent', agent.toLowerCase()] as const, ['queue', queue.toLowerCase()] as const];
  return { facts, indexes: [...ofNumber(from), ...ofNumber(to), ...texts] };
}
