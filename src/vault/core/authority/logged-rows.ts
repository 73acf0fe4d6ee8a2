// Rows that give access in the deployment, which has no key for a MAC: each counts only with the event of its log that created it.

import { sha256 } from '../../../bytes/digest.ts';
import { hexOf } from '../../../bytes/hex.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { AuditAction } from '../../../model/log/event-catalogue.ts';
import type { Leaf, LeafValue } from '../../../model/log/leaf.ts';
import type { SignIn, SignInLink } from '../../../model/sign-in.ts';
import type { Change, Rows } from '../../../ports/database.ts';
import { DEPLOYMENT } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';
import { type AuthorityRowByTable, forgedRow, givesAccess, requireAuthentic } from './authority-rows.ts';
import { eventsFrom, type LoggedEvent } from './logged-events.ts';

/** The tables that have rows of the deployment. */
export type LoggedTable = 'principal' | 'passkey' | 'sign_in' | 'sign_in_link';

type LoggedRow<Table extends LoggedTable> = AuthorityRowByTable[Table];

/** The event that creates a row, and what the row must have as the event says it. */
type Creation<Table extends LoggedTable> = {
  readonly action: AuditAction;
  readonly facts: (row: LoggedRow<Table>) => Readonly<Record<string, string>>;
};

const CREATIONS: { readonly [Table in LoggedTable]: Creation<Table> } = {
  principal: {
    action: 'operator.added',
    facts: ({ kind, roles, owners, name }) => ({
      ...{ type: kind, roles: roles.join(','), owners: owners.join(','), code: Buffer.from(name).toString() },
    }),
  },
  passkey: {
    action: 'passkey.added',
    facts: ({ principal, publicKey }) => ({ principal, sha256: digestOf(publicKey) }),
  },
  sign_in: {
    action: 'sign_in.opened',
    facts: ({ principal, method, ends, hash }) => ({ holder: principal, method, ends, sha256: hexOf(hash) }),
  },
  sign_in_link: {
    action: 'sign_in.link_made',
    facts: ({ principal, expires, hash }) => ({ principal, expires, sha256: hexOf(hash) }),
  },
};

/** Members that events of older versions lack. */
const OLDER_LACK: ReadonlySet<string> = new Set(['code', 'sha256']);

const ENDS: ReadonlySet<string> = new Set<AuditAction>(['person.off', 'passkey.removed', 'sign_in.ended']);

/** The SHA-256 of a passkey's key as its row has it, in hex. */
export function digestOf(publicKey: Uint8Array): string {
  return sha256(publicKey).toString('hex');
}

/**
 * Throws `integrity`, naming the row, where a row gives access and is not authentic: a tenant's by its MAC, the
 * deployment's by its log. `key` is the metadata key of the row's tenant; null for the deployment, which has none.
 */
export async function requireAuthenticRow<Table extends LoggedTable>(
  rows: Pick<Rows, 'log'>,
  key: SecretKey | null,
  table: Table,
  row: LoggedRow<Table>,
): Promise<void> {
  if (key !== null) requireAuthentic(key, table, row);
  else await requireLogged(rows, table, row);
}

/** The same outside a transaction. Returns the leaf that created a row of the deployment; null for a tenant's. */
export async function requireAuthenticStored<Table extends LoggedTable>(
  vault: Pick<Vault, 'db'>,
  key: SecretKey | null,
  table: Table,
  row: LoggedRow<Table>,
  request: RequestContext,
): Promise<Leaf | null> {
  if (key === null) return vault.db.read((rows) => requireLogged(rows, table, row), request);
  requireAuthentic(key, table, row);
  return null;
}

/**
 * The same for a row of the deployment. Returns the leaf of the event that created it, null where the row gives no access.
 */
export async function requireLogged<Table extends LoggedTable>(
  rows: Pick<Rows, 'log'>,
  table: Table,
  row: LoggedRow<Table>,
): Promise<Leaf | null> {
  if (!givesAccess(table, row)) return null;
  const { created, later } = await eventsOf(rows, table, row);
  if (created === null || later.some((leaf) => leaf === null || isEnd(leaf, row.id))) throw forgedRow(table, row);
  // Both are rows of one table: TypeScript does not narrow a row by the table's name.
  if (table === 'sign_in' && !isProvenAsLogged(row as SignIn, created, later)) throw forgedRow(table, row);
  if (table === 'sign_in_link' && (await isReplaced(rows, row as SignInLink, created))) throw forgedRow(table, row);
  return created;
}

/**
 * Inserts a row that gives access: a tenant's at once; one of the deployment once its event has its place in the log.
 * `nth`: which of the change's events creates it. The result is a part of what the change returns.
 */
export async function insertLogged(
  tenant: string,
  insert: (leafIndex: number | null) => Promise<void>,
  nth = 0,
): Promise<Pick<Change<unknown>, 'placed'>> {
  if (tenant === DEPLOYMENT) return { placed: (receipts) => insert(receipts[nth]?.seq ?? null) };
  await insert(null);
  return {};
}

type Events = { readonly created: Leaf | null; readonly later: readonly (Leaf | null)[] };

async function eventsOf<Table extends LoggedTable>(
  rows: Pick<Rows, 'log'>,
  table: Table,
  row: LoggedRow<Table>,
): Promise<Events> {
  const { leafIndex, id } = row;
  const [first, ...later] = (await eventsFrom(rows, leafIndex, id)).map(({ leaf }) => leaf);
  const created = first?.seq === leafIndex ? first : null;
  const isSame = created !== null && created.object.id === id && hasFacts(created, table, row);
  return { created: isSame ? created : null, later };
}

function hasFacts<Table extends LoggedTable>(leaf: Leaf, table: Table, row: LoggedRow<Table>): boolean {
  const { action, facts } = CREATIONS[table];
  const { object, actor } = leaf;
  if (leaf.action !== action || leaf.outcome !== 'ok' || object['tenant'] !== undefined) return false;
  const said: Readonly<Record<string, LeafValue | undefined>> = { owners: '', ...object, holder: actor.id };
  // Of a passkey whose event has neither, another key could be in its place.
  if (table === 'passkey' && said['sha256'] === undefined && said['key'] === undefined) return false;
  return Object.entries(factsIn(() => facts(row))).every(
    ([name, value]) => said[name] === value || (said[name] === undefined && OLDER_LACK.has(name)),
  );
}

/** No process writes a value that is no fact, such as a number in the place of bytes. */
function factsIn(read: () => Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError) return { type: '' };
    throw error;
  }
}

/** Whether an event ends what has this id; a link ends with the sign-in that it opened. */
function isEnd({ action, object, outcome }: Leaf, id: string): boolean {
  return outcome === 'ok' && (object['link'] === id || (object.id === id && ENDS.has(action)));
}

/** Whether the person last proved who they are when and how the log says. */
function isProvenAsLogged(
  { id, authTime, authMethod, method }: SignIn,
  created: Leaf,
  later: readonly (Leaf | null)[],
): boolean {
  // What finds an event is not hashed: the event itself says whose it is.
  const isOwn = (leaf: Leaf | null): boolean =>
    leaf?.action === 'sign_in.stepped_up' && leaf.outcome === 'ok' && leaf.object.id === id;
  const steppedUp = later.filter(isOwn).at(-1);
  // The row's time was read before its event was written.
  return (
    authTime <= (steppedUp ?? created).ts && (authMethod === method || (steppedUp != null && authMethod === 'passkey'))
  );
}

/** Whether the person got another link since, which withdrew this one. */
async function isReplaced(rows: Pick<Rows, 'log'>, { principal }: SignInLink, { seq }: Leaf): Promise<boolean> {
  const isLater = ({ leaf }: LoggedEvent): boolean =>
    leaf?.action === 'sign_in.link_made' && leaf.outcome === 'ok' && leaf.object['principal'] === principal;
  return (await eventsFrom(rows, seq + 1, principal)).some(isLater);
}
