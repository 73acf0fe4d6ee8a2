// What of the store's entries the rows lack: names are compared with the rows, and no entry is read.
import { isUtcTime } from '../../bytes/utc-time.ts';
import { type EntryName, entryHour, parseEntryPath } from '../../envelope/amendments/entry-name.ts';
import type { Rows } from '../../ports/database.ts';
import type { NamedStream } from '../core/amendments/stored-streams.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** Names looked up at once. */
const PAGE = 500;

/** Those of the listed streams with a name that no row has: of another number, or of another hour than the row's. */
export async function* unknownStreams(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  streams: AsyncIterable<NamedStream>,
  request: RequestContext,
): AsyncGenerator<readonly NamedStream[], void, undefined> {
  let [page, names]: [NamedStream[], number] = [[], 0];
  const look = async (): Promise<readonly NamedStream[]> => {
    const looked = page;
    [page, names] = [[], 0];
    const unknown = new Set(await unknownNames(vault, tenant, looked.flatMap(namesOf), request));
    return looked.filter(({ subject }) => unknown.has(subject));
  };
  for await (const stream of streams) {
    page.push(stream);
    names += stream.paths.length;
    if (names >= PAGE) yield await look();
  }
  yield await look();
}

/** The parsed names of a stream, by number, then by hour. */
export function namesOf({ paths }: NamedStream): readonly EntryName[] {
  return paths.flatMap((path) => parseEntryPath(path) ?? []);
}

/** The subjects of the names that no row has. */
async function unknownNames(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  names: readonly EntryName[],
  request: RequestContext,
): Promise<readonly string[]> {
  const hours = await vault.db.read((rows) => hoursOf(rows, tenant, names), request);
  return names.filter((name) => hours.get(placeOf(name)) !== name.hour).map(({ subject }) => subject);
}

/** The hour that each of these entries has by its row, by subject and number. */
export async function hoursOf(
  rows: Pick<Rows, 'amendments'>,
  tenant: string,
  names: readonly EntryName[],
): Promise<ReadonlyMap<string, string>> {
  const hours = new Map<string, string>();
  for (let at = 0; at < names.length; at += PAGE) {
    const some = names.slice(at, at + PAGE);
    const subjects = [...new Set(some.map(({ subject }) => subject))];
    const numbers = [...new Set(some.map(({ n }) => n))];
    // A time that no entry can have is none of the names.
    for (const row of await rows.amendments.placed(tenant, subjects, numbers))
      hours.set(placeOf(row), isUtcTime(row.at) ? entryHour(row.at) : '');
  }
  return hours;
}

/** Subject and number, as a key of `hoursOf`. */
export function placeOf({ subject, n }: Pick<EntryName, 'subject' | 'n'>): string {
  return `${subject} ${n}`;
}
